using BdevDriver;
using BdevDriver.Devices;
using Drivers.Tests.Kit;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using LoopDriver;
using NullDriver;

namespace Drivers.Tests;

/// <summary>What becomes of an I/O that ended badly: it depends on the device.</summary>
public sealed class BdevFailureTests
{
    private const int Block = 4096;

    private static readonly DeviceLook s_works = new(DeviceCondition.Works, "running", null);
    private static readonly DeviceLook s_standby = new(DeviceCondition.Works, "running", MpathAccessState.Other);
    private static readonly DeviceLook s_offline = new(DeviceCondition.Down, "offline", null);
    private static readonly DeviceLook s_gone = new(DeviceCondition.Gone, "gone", null);

    [Theory]
    [InlineData(BlockStatus.Medium)]
    [InlineData(BlockStatus.NoSpace)]
    [InlineData(BlockStatus.Invalid)]
    [InlineData(BlockStatus.NotSupported)]
    [InlineData(BlockStatus.Target)]
    [InlineData(BlockStatus.Protection)]
    public void What_a_working_device_says_of_the_data_or_the_request_is_final(BlockStatus status) =>
        Assert.Equal(status, EndOf(BioOp.Write, status, s_works));

    [Theory]
    [InlineData(BlockStatus.Transport)]
    [InlineData(BlockStatus.Offline)]
    [InlineData(BlockStatus.Timeout)]
    [InlineData(BlockStatus.IoError)]
    public void What_may_be_the_paths_fault_goes_on_on_another(BlockStatus status) =>
        Assert.Equal(BlockStatus.Ok, EndOf(BioOp.Read, status, s_works));

    [Theory]
    [InlineData(BlockStatus.Medium)] // a read that ends short
    [InlineData(BlockStatus.NoSpace)]
    [InlineData(BlockStatus.Invalid)]
    [InlineData(BlockStatus.IoError)]
    public void Nothing_that_a_device_says_counts_when_it_has_gone(BlockStatus status)
    {
        Assert.Equal(BlockStatus.Ok, EndOf(BioOp.Write, status, s_gone));
        Assert.Equal(BlockStatus.Ok, EndOf(BioOp.Write, status, s_offline));
        Assert.Equal(BlockStatus.Ok, EndOf(BioOp.Flush, status, s_gone));
    }

    [Fact]
    public void A_flush_that_did_not_reach_the_disk_goes_on_on_another_path()
    {
        Assert.Equal(BlockStatus.Ok, EndOf(BioOp.Flush, BlockStatus.Transport, s_works));
        Assert.Equal(BlockStatus.Ok, EndOf(BioOp.Flush, BlockStatus.Timeout, s_works));
        Assert.Equal(BlockStatus.Ok, EndOf(BioOp.Flush, BlockStatus.IoError, s_offline));
    }

    [Fact]
    public void A_flush_that_a_working_disk_has_failed_is_not_asked_for_again() =>
        Assert.Equal(BlockStatus.IoError, EndOf(BioOp.Flush, BlockStatus.IoError, s_works));

    [Theory]
    [InlineData("0x5", BlockStatus.Ok)] // an error that the disk is not the origin of
    [InlineData("0x6", BlockStatus.IoError)]
    [InlineData("six", BlockStatus.IoError)]
    [InlineData(null, BlockStatus.IoError)]
    public void A_flush_that_the_kernel_has_not_sent_to_a_working_disk_goes_on_on_another_path(string? errors, BlockStatus status)
    {
        using var devices = new FakeDevices();
        FakeDevice device = devices.Add("sda");
        DeviceFolder folder = DeviceFolder.Find(devices.Sysfs, device.Number)!;
        if (errors is not null)
        {
            device.Set("device/ioerr_cnt", "0x5");
        }

        using var counted = new DeviceErrors();
        counted.Follow(folder);
        var watch = new DeviceWatch();
        watch.Start("watch", _ => (s_works, Timeout.InfiniteTimeSpan), exception => Assert.Fail(exception.ToString()));
        var target = new DeviceTarget(new BdevOptions { Device = device.File }, watch, counted);
        using var rig = new Held();
        Assert.Equal(status, rig.EndOf(Bio.Rent(BioOp.Flush), attempt =>
        {
            LoopOutset outset = target.Outset(attempt.Bio);
            if (errors is not null)
            {
                File.WriteAllText($"{folder.Path}/device/ioerr_cnt", errors);
            }

            target.End(attempt, outset, BlockStatus.IoError);
        }));
        watch.Stop();
    }

    [Theory]
    [InlineData("0x0\n", 0)]
    [InlineData("0x1f\n", 31)]
    [InlineData("0xffffffff", 0xffffffff)]
    [InlineData("0xffffffffffffffff", DeviceErrors.Unknown)]
    [InlineData("", DeviceErrors.Unknown)]
    [InlineData("0x", DeviceErrors.Unknown)]
    [InlineData("17", DeviceErrors.Unknown)]
    [InlineData("0xg", DeviceErrors.Unknown)]
    public void The_errors_of_a_disk_are_counted_as_the_kernel_writes_them(string text, long count) =>
        Assert.Equal(count, DeviceErrors.Parse(System.Text.Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void A_write_with_FUA_is_written_again_whole() =>
        Assert.Equal(BlockStatus.Ok, EndOf(BioOp.Write, BlockStatus.IoError, s_works, BioFlags.Fua));

    [Fact]
    public void A_path_whose_access_state_forbids_IO_is_not_used_before_the_state_was_read()
    {
        using var rig = new Held();
        Assert.Equal(BlockStatus.Ok, rig.EndOf(Bio.Rent(BioOp.Write, 0, new byte[512]), attempt => new DeviceFailure(attempt, false, BlockStatus.IoError).End(s_standby)));
        Eventually.True(() => !rig.First.IsPending, "the state to be read");
    }

    [Theory]
    [InlineData(Errno.ENODEV, BlockStatus.Offline)]
    [InlineData(Errno.ENXIO, BlockStatus.Offline)]
    [InlineData(Errno.ENOLINK, BlockStatus.Transport)]
    [InlineData(Errno.ETIMEDOUT, BlockStatus.Timeout)]
    [InlineData(Errno.EBADE, BlockStatus.ReservationConflict)]
    [InlineData(Errno.EREMOTEIO, BlockStatus.Target)]
    [InlineData(Errno.ENODATA, BlockStatus.Medium)]
    [InlineData(Errno.EIO, BlockStatus.IoError)]
    [InlineData(Errno.ENOSPC, BlockStatus.NoSpace)]
    public void An_error_of_the_kernel_is_a_status(Errno errno, BlockStatus status) =>
        Assert.Equal(status, new DeviceTarget(new BdevOptions { Device = "/dev/sda" }, new DeviceWatch(), new DeviceErrors()).StatusOf(errno));

    [Fact]
    public void A_reservation_conflict_is_final_and_looks_at_nothing()
    {
        using var rig = new Held();
        var target = new DeviceTarget(new BdevOptions { Device = "/dev/sda" }, new DeviceWatch(), new DeviceErrors());
        Assert.Equal(BlockStatus.ReservationConflict,
            rig.EndOf(Bio.Rent(BioOp.Read, 0, new byte[512]), attempt => target.End(attempt, default, BlockStatus.ReservationConflict)));
    }

    [Fact]
    public void What_fails_when_nobody_watches_any_more_fails_its_path()
    {
        using var rig = new Held();
        var watch = new DeviceWatch();
        watch.Stop();
        Assert.Equal(BlockStatus.Ok,
            rig.EndOf(Bio.Rent(BioOp.Read, 0, new byte[512]), attempt => watch.Judge(new DeviceFailure(attempt, false, BlockStatus.IoError))));
    }

    [Fact]
    public async Task IO_that_waits_for_a_device_that_is_down_ends_when_it_is_removed()
    {
        using var rig = new BdevRig();
        (BdevPath path, FakeDevice device) = rig.Add();
        device.Set("device/state", "transport-offline");
        Eventually.True(() => !path.Path!.IsLive, "the path to go down");
        using Bio bio = Bio.Rent(BioOp.Write, 0, Data.Filled(Block, 1));
        Task<BlockStatus> write = rig.Disk.SubmitAsync(bio).AsTask();
        Assert.Equal(1, rig.Disk.WaitingCount);
        device.Remove();
        Assert.Equal(BlockStatus.IoError, await write.WaitAsync(Eventually.Limit));
    }

    [Theory]
    [InlineData(LoopEngine.Ring)]
    [InlineData(LoopEngine.Threads)]
    public void IO_of_a_device_that_is_removed_goes_on_on_the_others(LoopEngine engine)
    {
        using var rig = new BdevRig(engine);
        (BdevPath path, FakeDevice device) = rig.Add();
        rig.Add();
        using var load = new RewriteLoad(rig.Disk, slots: 16, Block);
        Eventually.True(() => load.Ended > 100, "the load to run");
        device.Remove();
        Eventually.True(() => path.IsGone, "the path to be gone");
        long seen = load.Ended;
        Eventually.True(() => load.Ended > seen + 100, "the load to go on");
        load.Stop();
        Assert.Equal(0, load.Errors);
        Assert.Equal(load.Expected, File.ReadAllBytes(rig.Devices.Folder.NameOf("disk")).AsSpan(0, 16 * Block));
        Eventually.True(() => Descriptors.Of(device.File).Length == 0, "the descriptor to be closed");
    }

    [Fact]
    public void A_read_that_ends_short_is_an_error_if_the_device_is_there()
    {
        using var rig = new BdevRig();
        (_, FakeDevice device) = rig.Add();
        device.Bytes = FakeDevices.Size;
        using (FileStream file = File.OpenWrite(device.File))
        {
            file.SetLength(Block);
        }

        Assert.Equal(BlockStatus.Medium, rig.Run(Bio.Rent(BioOp.Read, 8, new byte[Block])));
    }

    private static BlockStatus EndOf(BioOp op, BlockStatus status, DeviceLook device, BioFlags flags = BioFlags.None)
    {
        using var rig = new Held();
        bool toldOnce = op == BioOp.Flush;
        Bio bio = toldOnce ? Bio.Rent(BioOp.Flush) : Bio.Rent(op, 0, new byte[512], flags);
        return rig.EndOf(bio, attempt => new DeviceFailure(attempt, toldOnce, status).End(device));
    }

    /// <summary>Two paths: how the first one ends an attempt is the test's, on the second all goes well.</summary>
    private sealed class Held : HeadRig
    {
        private readonly HeldPath _first = new("first");
        private readonly HeldPath _second = new("second");

        public Held()
            : base(new NullHeadTemplate(new MpathIoPolicy(IoPolicies.Numa)))
        {
            First = Add(_first, 0);
            Add(_second, 1);
        }

        public MpathDevice First { get; }

        public BlockStatus EndOf(Bio bio, Action<BioAttempt> end)
        {
            using var flight = new Flight();
            flight.Submit(Disk, bio);
            end(_first.Take());
            Eventually.True(() => flight.Ended > 0 || _first.HasAny || _second.HasAny, "it to end, or to go on");
            if (flight.Ended == 0)
            {
                // The first may be usable again by now.
                HeldPath.TakeFromAny(_first, _second).Complete(BlockStatus.Ok);
            }

            flight.Wait();
            return Assert.Single(flight.Statuses);
        }

        private MpathDevice Add(HeldPath disk, int id)
        {
            var path = new MpathDevice(new MpathController(id), disk);
            Head.Add(path);
            path.SetLive();
            return path;
        }
    }
}
