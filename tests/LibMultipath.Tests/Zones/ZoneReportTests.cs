using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;
using LibMultipath.Zones;

namespace LibMultipath.Tests.Zones;

public sealed class ZoneReportTests
{
    [Fact]
    public void A_report_is_that_of_the_device()
    {
        using ZoneRig rig = new(2);
        rig.Do(BioOp.Write, ZoneRig.ZoneSectors, 3).AssertEnded(BlockStatus.Ok);
        Zone[] zones = new Zone[ZoneRig.Zones + 2];

        Assert.True(rig.Disk.IsZoned);
        Assert.Equal(ZoneRig.Zones, rig.Disk.ReportZones(0, zones));
        Assert.Equal(rig.Device.Zones, zones[..ZoneRig.Zones]);
    }

    [Fact]
    public void A_report_begins_with_the_zone_of_the_sector_and_ends_with_the_disk()
    {
        using ZoneRig rig = new(1);
        Zone[] zones = new Zone[2];

        Assert.Equal(2, rig.Disk.ReportZones(ZoneRig.ZoneSectors + 5, zones));
        Assert.Equal(ZoneRig.ZoneSectors, zones[0].Start);
        Assert.Equal(1, rig.Disk.ReportZones(rig.Device.Sectors - 1, zones));
        Assert.Equal(0, rig.Disk.ReportZones(rig.Device.Sectors, zones));
        Assert.Equal(0, rig.Disk.ReportZones(0, []));
    }

    [Fact]
    public void A_report_whose_path_dies_goes_through_another_one()
    {
        using ZoneRig rig = new(2);
        rig.OnReport = (path, _) =>
        {
            path.SetDown();
            rig.OnReport = null;
            return -(int)Errno.EIO;
        };

        Assert.Equal(1, rig.Disk.ReportZones(0, new Zone[1]));
        Assert.Equal(2, rig.Reports);
    }

    [Theory]
    [InlineData("numa")]
    [InlineData("round-robin")]
    [InlineData("queue-depth")]
    public void A_path_that_can_do_IO_and_cannot_report_is_asked_once(string policy)
    {
        using ZoneRig rig = new(3);
        rig.Rig.Head.Policy.Set(IoPolicies.Parse(policy));
        var asked = new List<MpathDevice>();
        rig.OnReport = (path, _) =>
        {
            asked.Add(path);
            return path == rig.Rig.Paths[2] ? null : -(int)Errno.EIO;
        };

        Assert.Equal(1, rig.Disk.ReportZones(0, new Zone[1]));
        Assert.Equal(asked.Distinct(), asked);
        rig.OnReport = (_, _) => -(int)Errno.EIO;
        Assert.Equal(-(int)Errno.EIO, rig.Disk.ReportZones(0, new Zone[1]));
    }

    [Fact]
    public void Without_a_path_there_is_no_report()
    {
        using ZoneRig rig = new(1);
        rig.Lose(0);

        Assert.Equal(-(int)Errno.EAGAIN, rig.Disk.ReportZones(0, new Zone[1]));
    }

    [Fact]
    public void A_disk_without_zones_reports_none()
    {
        using Rig rig = new(1);

        Assert.False(rig.Disk.IsZoned);
        Assert.Equal(-(int)Errno.EOPNOTSUPP, rig.Disk.ReportZones(0, new Zone[1]));
    }

    [Fact]
    public void A_disk_that_is_gone_reports_none()
    {
        using ZoneRig rig = new(1);

        rig.Disk.Remove();

        Assert.Equal(-(int)Errno.ENXIO, rig.Disk.ReportZones(0, new Zone[1]));
    }

    [Fact]
    public void What_a_driver_throws_is_an_error_of_the_report()
    {
        using ZoneRig rig = new(1);

        rig.OnReport = (_, _) => throw new BlockException(Errno.ENODEV, "the device is gone");
        Assert.Equal(-(int)Errno.ENODEV, rig.Disk.ReportZones(0, new Zone[1]));
        rig.OnReport = (_, _) => throw new InvalidOperationException("a driver's fault");
        Assert.Equal(-(int)Errno.EIO, rig.Disk.ReportZones(0, new Zone[1]));
    }

    [Theory]
    [InlineData(1, 16, 12, 1)]
    [InlineData(0, 8, 8, 0)]
    [InlineData(0, 16, 17, 0)]
    [InlineData(0, 16, 0, 0)]
    [InlineData(0, 16, 12, 13)]
    [InlineData(0, 16, 12, -1)]
    public void What_are_not_the_zones_of_the_disk_is_no_report(long offset, long length, long capacity, long written)
    {
        using ZoneRig rig = new(1);
        rig.Device.Change(1, zone => zone with { Start = zone.Start + offset, Length = length, Capacity = capacity, WritePointer = zone.Start + written, Condition = ZoneCondition.ImplicitlyOpen });

        Assert.Equal(-(int)Errno.EIO, rig.Disk.ReportZones(ZoneRig.ZoneSectors, new Zone[1]));
    }

    [Fact]
    public void More_zones_than_were_asked_for_are_no_report()
    {
        using ZoneRig rig = new(1);
        rig.OnReport = (_, _) => 2;

        Assert.Equal(-(int)Errno.EIO, rig.Disk.ReportZones(0, new Zone[1]));
    }

    [Fact]
    public void A_driver_that_cannot_report_has_no_zoned_disk()
    {
        using Rig rig = new(0);
        QueueLimits limits = new() { Features = QueueFeatures.Zoned, ChunkSectors = 16 };

        var refusal = Assert.Throws<BlockException>(() => rig.AddPath(limits: limits));

        Assert.Equal(Errno.EOPNOTSUPP, refusal.Errno);
        Assert.Contains(nameof(IMpathZones), refusal.Message);
        Assert.False(rig.Disk.IsLive);
    }

    [Fact]
    public async Task A_zoned_disk_has_no_partitions()
    {
        using Rig rig = new(0, template: new NoZones(), options: new MpathDiskOptions { ScanPartitions = true });
        MpathDevice path = rig.AddPath(limits: new QueueLimits { Features = QueueFeatures.Zoned, ChunkSectors = 16 });

        await rig.Disk.RescanPartitionsAsync();

        Assert.Empty(rig.Disk.Partitions);
        Assert.Equal(0, ((TestDisk)path.Disk).Submitted);
    }

    private sealed class NoZones : TestTemplate, IMpathZones
    {
        public int ReportZones(MpathDevice path, long sector, Span<Zone> zones) => 0;
    }
}
