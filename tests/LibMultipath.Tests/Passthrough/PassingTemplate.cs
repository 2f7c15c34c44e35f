using LibMultipath.Disk;
using LibMultipath.Passthrough;
using LibMultipath.Paths;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Passthrough;

/// <summary>A template that takes everything that can be passed on, and does with it what a test says.</summary>
internal sealed class PassingTemplate
    : TestTemplate, IMpathBdevIoctl, IMpathCharDevice, IMpathCharIoctl, IMpathCharCommands, IMpathGeometry, IMpathUniqueId
{
    public Func<MpathDevice, MpathIoctl, IoctlStep> OnIoctl { get; set; } = static (_, ioctl) => IoctlStep.Done((int)ioctl.Code);

    public Func<MpathDevice, MpathCharCommand, ValueTask<int>> OnCommand { get; set; } = static (_, command) => new((int)command.Code);

    public Func<MpathDevice, MpathCharCommand, int> OnPoll { get; set; } = static (_, _) => 1;

    public Func<DiskGeometry?> OnGeometry { get; set; } = static () => new DiskGeometry(255, 63, 100);

    public Action OnAddCharDevice { get; set; } = static () => { };

    public int Added { get; private set; }

    public int Deleted { get; private set; }

    public IoctlStep BeginIoctl(MpathDevice path, in MpathIoctl ioctl) => OnIoctl(path, ioctl);

    public IoctlStep BeginCharIoctl(MpathDevice path, in MpathIoctl ioctl) => OnIoctl(path, ioctl);

    public ValueTask<int> StartCommand(MpathDevice path, MpathCharCommand command) => OnCommand(path, command);

    public int PollCommand(MpathDevice path, MpathCharCommand command) => OnPoll(path, command);

    public DiskGeometry? GetGeometry(MpathDevice path) => OnGeometry();

    public int GetUniqueId(MpathDevice path, UniqueIdKind kind, Span<byte> id)
    {
        if (kind != UniqueIdKind.Naa)
        {
            return -(int)LibMultipath.Block.Errno.EINVAL;
        }

        id[..8].Fill(0x60);
        return 8;
    }

    public void AddCharDevice(MpathDisk disk)
    {
        OnAddCharDevice();
        Added++;
    }

    public void DeleteCharDevice(MpathDisk disk) => Deleted++;
}
