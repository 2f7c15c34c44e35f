using BdevDriver;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Reservations;

namespace Mpathd.Paths;

/// <summary>Makes paths to one block device of the machine, with a controller of their own or a shared one.</summary>
internal sealed class BdevPathMaker(BdevPathSpec spec, BdevOptions options, string? expected = null) : DescriptorPathMaker<BdevPath>(spec.Node, expected)
{
    // Above the number of any path: a controller that is not shared has that of its path.
    private const int FirstShared = 1 << 30;

    protected override string GiveTheSame => "give paths to one device: its names through each of its hosts or ports, as lsscsi --wwn or nvme list-subsys show them";

    /// <summary>What a target knows a registration by that comes through this device.</summary>
    public static ReservationScope ScopeOf(BdevPathSpec spec)
    {
        try
        {
            return BdevPath.ReservationScopeOf(new BdevOptions { Device = spec.Device });
        }
        catch (BlockException)
        {
            // Who opens it says why it cannot be. Others may be there.
            return Path.GetFileName(spec.Device).StartsWith("nvme", StringComparison.Ordinal) ? ReservationScope.Host : ReservationScope.Nexus;
        }
    }

    protected override BdevPath Open(int number)
    {
        BdevPath path = BdevPath.Open($"bdev{number}", options);
        if (!options.ReadOnly && (DeviceUsers.Of(path.Number) ?? (path.IsClaimed() ? "in use by the kernel" : null)) is { } users)
        {
            path.Dispose();
            throw MpathdException.SystemLacks($"{path.File} is {users}, and would be written by both", "end that use, or serve it with --read-only");
        }

        return path;
    }

    protected override string IdentityOf(BdevPath path) => $"device: {path.Identity}";

    protected override MpathDevice AddTo(MpathHead head, BdevPath path, int number, int node) =>
        path.AddTo(head, ControllerOf(head, number), node, spec.State);

    /// <summary>Refuses a size that a device does not have.</summary>
    public static void EnsureSize(BdevPath path, long sectors) => Try(() => path.EnsureSize(sectors));

    protected override void Resize(BdevPath path, long sectors) => Try(() => path.Resize(sectors));

    private static void Try(Action resize)
    {
        try
        {
            resize();
        }
        catch (BlockException exception)
        {
            throw MpathdException.Failed(exception.Message, "the size of the disk is its devices'; when all of them have it, resize to that", exception);
        }
    }

    protected override string RemedyOf(BlockException exception) => exception.Errno switch
    {
        Errno.ENOENT => "name a device that exists; lsblk shows them",
        Errno.EACCES or Errno.EPERM => "run as root, or as a user in the device's group",
        Errno.EROFS => "serve it with --read-only",
        Errno.ENXIO or Errno.ENODEV => "bring it online (echo running > /sys/block/NAME/device/state), or scan for it, and try again",
        Errno.ESTALE => "a path leads to one device for as long as it is there; remove it, and add one to the other device",
        Errno.EMFILE or Errno.ENFILE => "allow more open files, such as with ulimit -n 4096 or LimitNOFILE",
        _ => "use another device",
    };

    private MpathController ControllerOf(MpathHead head, int number)
    {
        int id = spec.Controller is { } shared ? FirstShared + shared : number;
        return head.Paths.Select(path => path.Controller).FirstOrDefault(controller => controller.Id == id) ?? new MpathController(id);
    }
}
