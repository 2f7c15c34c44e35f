using BdevDriver;
using BdevDriver.Abi;
using BdevDriver.Devices;
using LoopDriver;
using Microsoft.Win32.SafeHandles;

namespace Drivers.Tests.Kit;

/// <summary>The block devices of a machine that has none: files, and a folder that is its sysfs.</summary>
internal sealed unsafe class FakeDevices : DeviceSystem, IDisposable
{
    /// <summary>Of every disk, unless it is said otherwise.</summary>
    public const int Size = 1 << 20;

    private readonly TempFolder _folder = new();
    private readonly List<FakeDevice> _devices = [];

    public override string Sysfs => _folder.NameOf("sys");

    /// <summary>A folder for what is not a device.</summary>
    public TempFolder Folder => _folder;

    /// <summary>Makes a disk.</summary>
    /// <param name="name">Such as sda.</param>
    /// <param name="wwid">Its id; null for a disk without.</param>
    /// <param name="file">Its data; a file of zeroes unless given.</param>
    public FakeDevice Add(string name, string? wwid = null, string? file = null)
    {
        var device = new FakeDevice(Sysfs, file ?? _folder.Make(name, Size), name, new DeviceNumber(8, (uint)_devices.Count * 16));
        if (wwid is not null)
        {
            device.Set("device/wwid", wwid);
        }

        _devices.Add(device);
        return device;
    }

    /// <summary>Opens a path.</summary>
    public BdevPath Open(FakeDevice device, Func<BdevOptions, BdevOptions>? with = null, string name = "path")
    {
        var options = new BdevOptions
        {
            Device = device.File,
            System = this,
            Poll = TimeSpan.FromMilliseconds(5),
            CalmPoll = TimeSpan.FromMilliseconds(5),
        };
        return BdevPath.Open(name, with is null ? options : with(options));
    }

    // Direct I/O is not what every folder for temporary files can do.
    public override int Open(string device, bool readOnly) =>
        Libc.Open(device, Libc.CloseOnExec | Libc.NonBlock | (readOnly ? Libc.ReadOnly : Libc.ReadWrite), 0);

    public override DeviceNumber? NumberOf(SafeFileHandle file) => Of(file)?.Number;

    public override int Control(SafeFileHandle device, uint command, void* argument)
    {
        bool held = false;
        try
        {
            // As the call itself would: a descriptor that is closed has no answer.
            device.DangerousAddRef(ref held);
            return command == Ioctls.BLKDISCARD ? Discard(device, (long*)argument) : Of(device)!.Control(command, argument);
        }
        finally
        {
            if (held)
            {
                device.DangerousRelease();
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    private static int Discard(SafeFileHandle device, long* range) =>
        Libc.Allocate(device, Libc.PunchHole | Libc.KeepSize, range[0], range[1]) == 0 ? 0 : -(int)Libc.LastError;

    private FakeDevice? Of(SafeFileHandle file)
    {
        string? open = new FileInfo($"/proc/self/fd/{file.DangerousGetHandle()}").LinkTarget;
        return _devices.Find(device => TargetOf(device.File) == open);
    }

    // A file without a name has one here.
    private static string TargetOf(string file) =>
        file.StartsWith("/proc/", StringComparison.Ordinal) ? new FileInfo(file).LinkTarget! : file;
}
