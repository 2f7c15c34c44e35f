using BdevDriver;
using BdevDriver.Abi;
using BdevDriver.Devices;
using Drivers.Tests.Kit;
using LibMultipath.Block;
using LibMultipath.Zones;
using LoopDriver;

namespace Drivers.Tests;

/// <summary>A zoned disk, by the kernel's ioctls. (The real one is in the machine's tests.)</summary>
public sealed unsafe class BdevZoneTests : IDisposable
{
    private const int ZoneSectors = 256;
    private const int Count = FakeDevices.Size / 512 / ZoneSectors;

    private readonly List<(uint Command, long Sector, long Sectors)> _managed = [];
    private BdevRig? _rig;
    private FakeDevice? _device;

    public void Dispose() => _rig?.Dispose();

    [Fact]
    public void The_limits_have_the_zones()
    {
        BdevPath path = Add();
        Assert.Equal((ZoneSectors, 14, 0, 0), (path.Limits.ChunkSectors, path.Limits.MaxOpenZones, path.Limits.MaxActiveZones, path.Limits.MaxZoneAppendSectors));
        Assert.True((path.Limits.Features & QueueFeatures.Zoned) != 0);
        Assert.True(_rig!.Disk.IsZoned);
    }

    [Fact]
    public void Fewer_zones_are_reported_than_there_is_room_for_if_the_kernel_likes()
    {
        Add(most: 3);
        Zone[] zones = new Zone[Count + 4];
        Assert.Equal(3, _rig!.Disk.ReportZones(0, zones));
        Assert.Equal(
            [Zone(0, ZoneType.Conventional, ZoneCondition.NotWritePointer, 0), Zone(1, ZoneType.SequentialWriteRequired, ZoneCondition.ImplicitlyOpen, 10)],
            zones[..2]);
        Assert.Equal(2, _rig.Disk.ReportZones((Count - 2) * ZoneSectors, zones));
        Assert.Equal((Count - 2) * ZoneSectors, zones[0].Start);
    }

    [Fact]
    public void More_zones_than_are_asked_for_at_once_are_reported_in_pieces()
    {
        BdevPath path = Add();
        List<(ulong Sector, uint Count)> asked = [];
        _device!.Answers = (command, argument) =>
        {
            var answer = (blk_zone_report*)argument;
            asked.Add((answer->sector, answer->nr_zones));
            Report(answer, int.MaxValue, blk_zone_report.BLK_ZONE_REP_CAPACITY, count: 10000);
            return 0;
        };
        Zone[] zones = new Zone[9000];
        Assert.Equal(9000, DeviceZones.Report(path, 0, zones));
        Assert.Equal([(0UL, 4096U), (4096UL * ZoneSectors, 4096U), (8192UL * ZoneSectors, 808U)], asked);
        Assert.Equal(Enumerable.Range(0, 9000).Select(number => (long)number * ZoneSectors), zones.Select(zone => zone.Start));
        Assert.Equal(1500, DeviceZones.Report(path, 8500 * ZoneSectors, zones));
    }

    [Fact]
    public void Without_a_capacity_a_zone_has_its_length()
    {
        Add(flags: 0);
        Zone[] zones = new Zone[2];
        Assert.Equal(2, _rig!.Disk.ReportZones(0, zones));
        Assert.Equal((ZoneSectors, ZoneSectors), (zones[1].Capacity, zones[1].Length));
    }

    [Fact]
    public void A_report_that_fails_is_told()
    {
        Add();
        _device!.Answers = static (_, _) => -(int)Errno.EIO;
        Assert.Equal(-(int)Errno.EIO, _rig!.Disk.ReportZones(0, new Zone[1]));
    }

    [Theory]
    [InlineData(LoopEngine.Ring)]
    [InlineData(LoopEngine.Threads)]
    public void Zones_are_managed_by_ioctls(LoopEngine engine)
    {
        Add(engine: engine);
        foreach ((BioOp op, uint command, long sectors) in new (BioOp, uint, long)[]
        {
            (BioOp.ZoneOpen, Ioctls.BLKOPENZONE, ZoneSectors),
            (BioOp.ZoneClose, Ioctls.BLKCLOSEZONE, ZoneSectors),
            (BioOp.ZoneFinish, Ioctls.BLKFINISHZONE, ZoneSectors),
            (BioOp.ZoneReset, Ioctls.BLKRESETZONE, ZoneSectors),
            (BioOp.ZoneResetAll, Ioctls.BLKRESETZONE, Count * ZoneSectors),
        })
        {
            long sector = op == BioOp.ZoneResetAll ? 0 : 2 * ZoneSectors;
            Assert.Equal(BlockStatus.Ok, _rig!.Run(Bio.Rent(op, sector, 0)));
            Assert.Equal((command, sector, sectors), _managed[^1]);
        }

        Assert.Equal(5, _managed.Count);
    }

    [Fact]
    public void A_partition_of_a_zoned_disk_is_refused()
    {
        using var devices = new FakeDevices();
        FakeDevice disk = devices.Add("sda");
        disk.Set("queue/zoned", "host-managed");
        disk.Set("queue/chunk_sectors", $"{ZoneSectors}");
        disk.MakePartition(devices.Sysfs, "sda1", 2048);
        BlockException refusal = Assert.Throws<BlockException>(() => devices.Open(disk));
        Assert.Equal(Errno.EOPNOTSUPP, refusal.Errno);
        Assert.Contains("is a partition of a zoned disk; use the disk", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_with_and_without_zones_do_not_go_together()
    {
        Add();
        Assert.ThrowsAny<Exception>(() => _rig!.Add());
    }

    private BdevPath Add(int most = int.MaxValue, uint flags = blk_zone_report.BLK_ZONE_REP_CAPACITY, LoopEngine engine = LoopEngine.Auto)
    {
        _rig = new BdevRig(engine);
        (BdevPath path, _device) = _rig.Add(device =>
        {
            device.Set("queue/zoned", "host-managed");
            device.Set("queue/chunk_sectors", $"{ZoneSectors}");
            device.Set("queue/max_open_zones", "14");
            device.Answers = (command, argument) => Answer(command, argument, most, flags);
        });
        return path;
    }

    private int Answer(uint command, void* argument, int most, uint flags)
    {
        if (command == Ioctls.BLKREPORTZONE)
        {
            Report((blk_zone_report*)argument, most, flags);
            return 0;
        }

        var range = (blk_zone_range*)argument;
        _managed.Add((command, (long)range->sector, (long)range->nr_sectors));
        return 0;
    }

    private static void Report(blk_zone_report* answer, int most, uint flags, int count = Count)
    {
        long first = (long)answer->sector / ZoneSectors;
        int told = (int)Math.Min(Math.Min(answer->nr_zones, most), count - first);
        var zones = (blk_zone*)(answer + 1);
        for (int i = 0; i < told; i++)
        {
            long number = first + i;
            bool isConventional = number == 0;
            zones[i] = new blk_zone
            {
                start = (ulong)(number * ZoneSectors),
                len = ZoneSectors,
                wp = (ulong)(number * ZoneSectors) + (isConventional ? 0u : 10),
                type = isConventional ? (byte)1 : (byte)2,
                cond = isConventional ? (byte)0 : (byte)2,
                capacity = 200,
            };
        }

        (answer->nr_zones, answer->flags) = ((uint)told, flags);
    }

    private static Zone Zone(long number, ZoneType type, ZoneCondition condition, long written) =>
        new(number * ZoneSectors, ZoneSectors, 200, (number * ZoneSectors) + written, type, condition);
}
