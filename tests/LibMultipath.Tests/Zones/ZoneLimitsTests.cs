using LibMultipath.Block;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Zones;

public sealed class ZoneLimitsTests
{
    private static readonly QueueLimits s_zoned = new() { Features = QueueFeatures.Zoned, ChunkSectors = 64 };

    [Fact]
    public void The_strictest_limits_of_all_paths_are_those_of_the_disk()
    {
        QueueLimits stacked = QueueLimits.Stack(
            s_zoned with { MaxOpenZones = 8, MaxActiveZones = 0, MaxZoneAppendSectors = 32 },
            s_zoned with { MaxOpenZones = 0, MaxActiveZones = 12, MaxZoneAppendSectors = 16 });

        Assert.Equal((8, 12, 16), (stacked.MaxOpenZones, stacked.MaxActiveZones, stacked.MaxZoneAppendSectors));
        Assert.Equal(QueueFeatures.Zoned, stacked.Features);
        Assert.Equal(64, stacked.ChunkSectors);
    }

    [Fact]
    public void Paths_with_other_zones_or_none_are_not_one_disk()
    {
        Assert.Contains("zones of 64 sectors, the other zones of 128 sectors",
            Assert.Throws<ArgumentException>(() => QueueLimits.Stack(s_zoned, s_zoned with { ChunkSectors = 128 })).Message);
        Assert.Contains("zones of 64 sectors, the other no zones",
            Assert.Throws<ArgumentException>(() => QueueLimits.Stack(s_zoned, new QueueLimits { ChunkSectors = 64 })).Message);
    }

    [Theory]
    [InlineData(0, 0, 0, 0, "ChunkSectors is 0; it must be a power of two, the zone size")]
    [InlineData(96, 0, 0, 0, "ChunkSectors is 96; it must be a power of two, the zone size")]
    [InlineData(64, 65, 0, 0, "MaxZoneAppendSectors is 65; it must be a multiple of 1 (the logical block in sectors) up to 64")]
    [InlineData(64, -1, 0, 0, "MaxZoneAppendSectors is -1")]
    [InlineData(64, 0, -1, 0, "MaxOpenZones is -1; it must be 0 or more")]
    [InlineData(64, 0, 5, 4, "MaxOpenZones is 5; it must be 0 or more, at most 4 (the active zones)")]
    [InlineData(64, 0, 0, -1, "MaxActiveZones is -1; it must be 0 or more")]
    public void What_no_zoned_disk_can_have_is_refused_with_what_is_allowed(int zone, int append, int open, int active, string problem)
    {
        QueueLimits limits = s_zoned with { ChunkSectors = zone, MaxZoneAppendSectors = append, MaxOpenZones = open, MaxActiveZones = active };

        Assert.Contains(problem, Assert.Throws<ArgumentException>(limits.Validate).Message);
    }

    [Fact]
    public void A_disk_without_zones_has_no_limits_for_them()
    {
        foreach (QueueLimits limits in new[] { new QueueLimits { MaxOpenZones = 1 }, new QueueLimits { MaxActiveZones = 1 }, new QueueLimits { MaxZoneAppendSectors = 8 } })
        {
            Assert.Contains("it must be 0 without zones", Assert.Throws<ArgumentException>(limits.Validate).Message);
        }
    }

    [Fact]
    public void A_path_with_other_zones_is_refused_when_it_is_added()
    {
        using ZoneRig rig = new(1);

        Assert.Contains("they are not one disk", Assert.Throws<ArgumentException>(() => rig.AddPath(rig.Limits with { ChunkSectors = 32 })).Message);
    }

    [Theory]
    [InlineData(2 * ZoneRig.ZoneSectors, QueueFeatures.Zoned)]
    [InlineData(0, QueueFeatures.None)]
    public void Zones_that_change_while_the_disk_is_there_are_refused(int zone, QueueFeatures features)
    {
        using ZoneRig rig = new(2);
        foreach (TestDisk disk in new[] { rig.Rig[0], rig.Rig[1] })
        {
            disk.ChangeLimits(rig.Limits with { ChunkSectors = zone, Features = features });
        }

        Assert.Contains("they are not one disk", Assert.Throws<ArgumentException>(() => rig.Rig.Head.Revalidate()).Message);
        Assert.Equal(ZoneRig.ZoneSectors, rig.Disk.Limits.ChunkSectors);
        rig.Do(BioOp.Write, ZoneRig.ZoneSectors, 1, (byte)'a').AssertEnded(BlockStatus.Ok);
    }
}
