using LibMultipath.Block;
using LibMultipath.Passthrough;
using LibMultipath.Paths;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Passthrough;

public sealed class IoctlTests
{
    private readonly PassingTemplate _template = new();

    [Fact]
    public void A_command_goes_to_the_path_that_selection_gives()
    {
        using Rig rig = new(2, template: _template);
        rig.Paths[0].SetDown();
        MpathDevice? asked = null;
        _template.OnIoctl = (path, _) =>
        {
            asked = path;
            return IoctlStep.Done(7);
        };

        Assert.Equal(7, new MpathPassthrough(rig.Disk).Ioctl(new MpathIoctl(100, 0)));

        Assert.Same(rig.Paths[1], asked);
    }

    [Fact]
    public void F18_what_a_driver_leaves_out_is_not_supported()
    {
        using Rig rig = new(1);
        var passthrough = new MpathPassthrough(rig.Disk);

        Assert.Equal(-(int)Errno.EOPNOTSUPP, passthrough.Ioctl(new MpathIoctl(100, 0)));
        Assert.Equal(-(int)Errno.EOPNOTSUPP, passthrough.GetGeometry(out _));
        Assert.Equal(-(int)Errno.EOPNOTSUPP, passthrough.GetUniqueId(UniqueIdKind.Naa, out byte[] id));
        Assert.Empty(id);
    }

    [Fact]
    public unsafe void What_the_kernel_answers_of_every_disk_is_answered_of_the_disk_and_not_of_a_path()
    {
        using Rig rig = new(1, template: _template);
        rig.LoseAll();
        var passthrough = new MpathPassthrough(rig.Disk);
        foreach ((uint code, long answer) in new (uint, long)[]
        {
            (0x125e, 0), // BLKROGET
            (0x1260, 2048), // BLKGETSIZE
            (0x1267, rig.Disk.Limits.MaxSectors), // BLKSECTGET
            (0x1268, 512), // BLKSSZGET
            (0x80081272, 2048 * 512), // BLKGETSIZE64
            (0x1278, rig.Disk.Limits.IoMin), // BLKIOMIN
            (0x1279, rig.Disk.Limits.IoOpt), // BLKIOOPT
            (0x127a, 0), // BLKALIGNOFF
            (0x127b, rig.Disk.Limits.PhysicalBlockSize), // BLKPBSZGET
            (0x127e, 0), // BLKROTATIONAL
            (0x80041284, 0), // BLKGETZONESZ
            (0x80041285, 0), // BLKGETNRZONES
        })
        {
            long told = 0;
            Assert.Equal(0, passthrough.Ioctl(new MpathIoctl(code, (nint)(&told))));
            Assert.Equal((code, answer), (code, told));
            Assert.Equal(-(int)Errno.EFAULT, passthrough.Ioctl(new MpathIoctl(code, 0)));
            Assert.Equal(MpathPassthrough.NoIoctlCommand, passthrough.Ioctl(new MpathIoctl(code, (nint)(&told)) { OnPartition = true }));
        }

        rig.Disk.Remove();
        Assert.Equal(-(int)Errno.ENXIO, passthrough.Ioctl(new MpathIoctl(0x125e, 0)));
    }

    [Fact]
    public void Without_a_path_it_would_block()
    {
        using Rig rig = new(1, template: _template);
        rig.LoseAll();
        var passthrough = new MpathPassthrough(rig.Disk);

        Assert.Equal(-(int)Errno.EAGAIN, passthrough.Ioctl(new MpathIoctl(100, 0)));
        Assert.Equal(-(int)Errno.EAGAIN, passthrough.GetGeometry(out _));
        Assert.Equal(-(int)Errno.EAGAIN, passthrough.GetUniqueId(UniqueIdKind.Naa, out _));
    }

    [Fact]
    public void A_disk_that_was_removed_answers_nothing()
    {
        using Rig rig = new(1, template: _template);
        rig.Disk.Remove();

        Assert.Equal(-(int)Errno.ENXIO, new MpathPassthrough(rig.Disk).Ioctl(new MpathIoctl(100, 0)));
    }

    [Theory]
    [InlineData(true, false, MpathPassthrough.NoIoctlCommand)]
    [InlineData(true, true, 9)]
    [InlineData(false, false, 9)]
    public void A_command_to_a_partition_needs_the_right_to_raw_io(bool onPartition, bool hasRawIo, int answer)
    {
        using Rig rig = new(1, template: _template);

        Assert.Equal(answer, new MpathPassthrough(rig.Disk).Ioctl(new MpathIoctl(9, 0) { OnPartition = onPartition, HasRawIo = hasRawIo }));
    }

    [Fact]
    public void It_begins_inside_the_read_section_and_ends_outside()
    {
        using Rig rig = new(1, template: _template);
        long inside = 0;
        long outside = 1;
        _template.OnIoctl = (_, _) =>
        {
            inside = rig.Head.Srcu.ReadersInFlight;
            return IoctlStep.GoOn(() =>
            {
                outside = rig.Head.Srcu.ReadersInFlight;
                return 3;
            });
        };

        Assert.Equal(3, new MpathPassthrough(rig.Disk).Ioctl(new MpathIoctl(100, 0)));

        Assert.Equal(1, inside);
        Assert.Equal(0, outside);
    }

    [Fact]
    public async Task F19_a_path_stays_until_the_command_that_uses_it_has_ended()
    {
        using Rig rig = new(2, template: _template);
        using ManualResetEventSlim begun = new();
        using ManualResetEventSlim goOn = new();
        _template.OnIoctl = (_, _) => IoctlStep.GoOn(() =>
        {
            begun.Set();
            Assert.True(goOn.Wait(Eventually.Limit));
            return rig[0].Releases;
        });
        Task<int> command = Task.Run(() => new MpathPassthrough(rig.Disk).Ioctl(new MpathIoctl(100, 0)));
        Assert.True(begun.Wait(Eventually.Limit));

        Task removal = Task.Run(() => rig.Head.Remove(rig.Paths[0]));
        Eventually.True(() => rig.Paths[0].IsRemoved, "the removal to begin");
        await Task.Delay(TimeSpan.FromMilliseconds(100));
        Assert.False(removal.IsCompleted, "The path was removed under its command.");
        Assert.Equal(0, rig[0].Releases);
        goOn.Set();

        Assert.Equal(0, await command.WaitAsync(Eventually.Limit));
        await removal.WaitAsync(Eventually.Limit);
        Assert.Equal(1, rig[0].Releases);
    }

    [Fact]
    public async Task A_path_can_go_while_a_command_ends_that_does_not_need_it()
    {
        using Rig rig = new(2, template: _template);
        using ManualResetEventSlim begun = new();
        using ManualResetEventSlim goOn = new();
        _template.OnIoctl = (_, _) => IoctlStep.GoOnWithoutPath(() =>
        {
            begun.Set();
            Assert.True(goOn.Wait(Eventually.Limit));
            return 5;
        });
        Task<int> command = Task.Run(() => new MpathPassthrough(rig.Disk).Ioctl(new MpathIoctl(100, 0)));
        Assert.True(begun.Wait(Eventually.Limit));

        await Task.Run(() => rig.Head.Remove(rig.Paths[0])).WaitAsync(Eventually.Limit);

        Assert.Equal(1, rig[0].Releases);
        goOn.Set();
        Assert.Equal(5, await command.WaitAsync(Eventually.Limit));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_driver_throws_is_an_error_that_holds_nothing(bool later)
    {
        using Rig rig = new(1, template: _template);
        _template.OnIoctl = (_, _) => later
            ? IoctlStep.GoOn(() => throw new InvalidOperationException("broken"))
            : throw new InvalidOperationException("broken");

        Assert.Equal(-(int)Errno.EIO, new MpathPassthrough(rig.Disk).Ioctl(new MpathIoctl(100, 0)));

        Assert.Contains(rig.Log.Lines, line => line.Id == 600);
        Assert.Equal(0, rig.Paths[0].InFlight);
        Assert.Equal(0, rig.Head.Srcu.ReadersInFlight);
    }

    [Fact]
    public void An_errno_that_a_driver_throws_is_the_answer()
    {
        using Rig rig = new(1, template: _template);
        _template.OnIoctl = (_, _) => throw new BlockException(Errno.EPERM, "not allowed");

        Assert.Equal(-(int)Errno.EPERM, new MpathPassthrough(rig.Disk).Ioctl(new MpathIoctl(100, 0)));
    }

    [Fact]
    public void A_disk_says_its_geometry_and_its_unique_id()
    {
        using Rig rig = new(1, template: _template);
        var passthrough = new MpathPassthrough(rig.Disk);

        Assert.Equal(0, passthrough.GetGeometry(out DiskGeometry geometry));
        Assert.Equal(new DiskGeometry(255, 63, 100), geometry);
        _template.OnGeometry = static () => null;
        Assert.Equal(-(int)Errno.ENOTTY, passthrough.GetGeometry(out _));

        Assert.Equal(8, passthrough.GetUniqueId(UniqueIdKind.Naa, out byte[] id));
        Assert.Equal("6060606060606060", Convert.ToHexString(id));
        Assert.Equal(-(int)Errno.EINVAL, passthrough.GetUniqueId(UniqueIdKind.T10, out id));
        Assert.Empty(id);
    }
}
