using BdevDriver;
using BdevDriver.Abi;
using Drivers.Tests.Kit;
using LibMultipath.Block;
using LibMultipath.Passthrough;

namespace Drivers.Tests;

/// <summary>Which ioctls go to the device.</summary>
public sealed unsafe class BdevIoctlTests : IDisposable
{
    private readonly FakeDevices _devices = new();
    private readonly FakeDevice _disk;

    public BdevIoctlTests() => _disk = _devices.Add("sda");

    public void Dispose() => _devices.Dispose();

    [Theory]
    [InlineData(Ioctls.BLKROGET)]
    [InlineData(Ioctls.BLKGETSIZE)]
    [InlineData(Ioctls.BLKFLSBUF)]
    [InlineData(Ioctls.SG_IO)]
    [InlineData(Ioctls.SG_GET_VERSION_NUM)]
    [InlineData(Ioctls.IOC_PR_REGISTER)]
    [InlineData(Ioctls.IOC_PR_RESERVE)]
    [InlineData(Ioctls.IOC_PR_READ_KEYS)]
    public void What_is_known_to_be_harmless_is_passed_on_with_its_argument(uint command)
    {
        (uint Command, nint Argument) seen = default;
        _disk.Answers = (asked, argument) =>
        {
            seen = (asked, (nint)argument);
            return 7;
        };
        using BdevPath path = _devices.Open(_disk);
        Assert.Equal(7, path.Ioctl(command, 42));
        Assert.Equal((command, 42), seen);
    }

    [Theory]
    [InlineData(Ioctls.BLKDISCARD, nameof(Ioctls.BLKDISCARD))]
    [InlineData(Ioctls.BLKZEROOUT, nameof(Ioctls.BLKZEROOUT))]
    [InlineData(Ioctls.BLKSECDISCARD, nameof(Ioctls.BLKSECDISCARD))]
    [InlineData(Ioctls.BLKROSET, nameof(Ioctls.BLKROSET))]
    [InlineData(Ioctls.BLKRRPART, nameof(Ioctls.BLKRRPART))]
    [InlineData(Ioctls.BLKPG, nameof(Ioctls.BLKPG))]
    [InlineData(Ioctls.BLKBSZSET, nameof(Ioctls.BLKBSZSET))]
    [InlineData(Ioctls.BLKRASET, nameof(Ioctls.BLKRASET))]
    [InlineData(Ioctls.BLKFRASET, nameof(Ioctls.BLKFRASET))]
    public void What_changes_the_device_for_all_is_refused_by_name(uint command, string name)
    {
        BlockException refusal = Refusal(command);
        Assert.Equal(Errno.EPERM, refusal.Errno);
        Assert.StartsWith($"{name} is not passed on to {_disk.File}", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0xdeadbeef)]
    [InlineData(0x125fu + 0x100)]
    public void What_nobody_knows_is_refused_by_number(uint command)
    {
        BlockException refusal = Refusal(command);
        Assert.Equal(Errno.ENOTTY, refusal.Errno);
        Assert.Contains($"0x{command:x}", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Ioctls.SG_IO)]
    [InlineData(Ioctls.IOC_PR_CLEAR)]
    [InlineData(Ioctls.IOC_PR_PREEMPT_ABORT)]
    public void A_path_that_is_only_for_reading_changes_nothing(uint command)
    {
        Assert.Equal(Errno.EROFS, Refusal(command, readOnly: true).Errno);
        _disk.Answers = (_, _) => 0;
        using BdevPath path = _devices.Open(_disk, options => options with { ReadOnly = true });
        Assert.Equal(0, path.Ioctl(Ioctls.IOC_PR_READ_KEYS, 0));
    }

    [Fact]
    public void What_the_device_refuses_is_told_by_name()
    {
        using BdevPath path = _devices.Open(_disk);
        BlockException refusal = Assert.Throws<BlockException>(() => path.Ioctl(Ioctls.BLKROGET, 0));
        Assert.Equal(Errno.ENOTTY, refusal.Errno);
        Assert.Contains("BLKROGET", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_without_a_descriptor_has_no_device()
    {
        using BdevPath path = _devices.Open(_disk);
        path.Fail();
        Assert.Equal(Errno.ENODEV, Assert.Throws<BlockException>(() => path.Ioctl(Ioctls.BLKROGET, 0)).Errno);
    }

    [Fact]
    public void The_geometry_is_the_devices()
    {
        _disk.Answers = (command, argument) =>
        {
            *(hd_geometry*)argument = new hd_geometry { heads = 64, sectors = 32, cylinders = 1024, start = 2048 };
            return command == Ioctls.HDIO_GETGEO ? 0 : -1;
        };
        using BdevPath path = _devices.Open(_disk);
        Assert.Equal(new DiskGeometry(64, 32, 1024), path.ReadGeometry());
    }

    [Fact]
    public void A_disk_passes_on_to_one_of_its_devices()
    {
        using var rig = new BdevRig();
        (_, FakeDevice device) = rig.Add(disk => disk.Set("device/wwid", "naa.5000c500a1b2c3d4"));
        device.Answers = (command, argument) => command == Ioctls.BLKRAGET ? *(int*)argument = 1 : -(int)Errno.EIO;
        var passthrough = new MpathPassthrough(rig.Disk);
        int answer = 0;
        Assert.Equal(1, passthrough.Ioctl(new MpathIoctl(Ioctls.BLKRAGET, (nint)(&answer))));
        Assert.Equal(1, answer);
        Assert.Equal(-(int)Errno.EPERM, passthrough.Ioctl(new MpathIoctl(Ioctls.BLKDISCARD, 0)));
        Assert.Equal(-(int)Errno.ENOTTY, passthrough.Ioctl(new MpathIoctl(0xdead, 0)));
        Assert.Equal(-(int)Errno.EIO, passthrough.Ioctl(new MpathIoctl(Ioctls.BLKFLSBUF, 0)));
        Assert.Equal(-(int)Errno.ENOTTY, passthrough.GetGeometry(out _));
        Assert.Equal(8, passthrough.GetUniqueId(UniqueIdKind.Naa, out byte[] id));
        Assert.Equal(Convert.FromHexString("5000c500a1b2c3d4"), id);
        Assert.Equal(-(int)Errno.EINVAL, passthrough.GetUniqueId(UniqueIdKind.Eui64, out _));
    }

    [Fact]
    public void A_raw_command_is_only_passed_on_for_those_who_may_send_one()
    {
        using var rig = new BdevRig();
        (_, FakeDevice device) = rig.Add();
        device.Answers = static (_, _) => 0;
        var passthrough = new MpathPassthrough(rig.Disk);
        Assert.Equal(-(int)Errno.EPERM, passthrough.Ioctl(new MpathIoctl(Ioctls.SG_IO, 0)));
        Assert.Equal(0, passthrough.Ioctl(new MpathIoctl(Ioctls.SG_IO, 0) { HasRawIo = true }));
    }

    private BlockException Refusal(uint command, bool readOnly = false)
    {
        bool asked = false;
        _disk.Answers = (_, _) =>
        {
            asked = true;
            return 0;
        };
        using BdevPath path = _devices.Open(_disk, options => options with { ReadOnly = readOnly });
        BlockException refusal = Assert.Throws<BlockException>(() => path.Ioctl(command, 0));
        Assert.False(asked);
        return refusal;
    }
}
