using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using UblkNull.Zones;
using static LibMultipath.Ublk.Abi.blk_zone_cond;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>The zones of the sample by themselves: what the kernel would not let through to them.</summary>
public sealed class ZoneTableTests
{
    private const int Zone = 2048;

    private readonly ZoneTable _zones = new(8 * Zone, new ZoneLimits { ZoneSize = 1, Conventional = 1, MaxOpen = 2, MaxActive = 3 });

    [Fact]
    public void A_write_that_is_not_at_the_write_pointer_fails_and_moves_nothing()
    {
        Assert.Equal(Errno.EIO, _zones.Write(Zone + 8, 8));
        Assert.Equal(Errno.None, _zones.Write(Zone, 8));
        Assert.Equal(Errno.EIO, _zones.Write(Zone, 8));
        Assert.Equal(Errno.EIO, _zones.Write(Zone + 8, Zone));
        Assert.Equal((BLK_ZONE_COND_IMP_OPEN, Zone + 8UL), State(1));
    }

    [Fact]
    public void A_full_zone_takes_nothing_and_is_not_active()
    {
        for (int zone = 1; zone < 8; zone++)
        {
            Assert.Equal(Errno.None, _zones.Write(zone * Zone, Zone));
            Assert.Equal(BLK_ZONE_COND_FULL, State(zone).Condition);
            Assert.Equal(Errno.EIO, _zones.Append(zone * Zone, 8, out _));
            Assert.Equal(Errno.EIO, _zones.Open(zone * Zone));
            Assert.Equal(Errno.EIO, _zones.Close(zone * Zone));
            Assert.Equal(Errno.None, _zones.Finish(zone * Zone));
        }
    }

    [Fact]
    public void A_zone_without_a_write_pointer_has_no_condition_to_change()
    {
        Assert.Equal(Errno.None, _zones.Write(1000, 8));
        Assert.All([_zones.Open(0), _zones.Close(0), _zones.Finish(0), _zones.Reset(0), _zones.Append(0, 8, out _)], error => Assert.Equal(Errno.EIO, error));
        Assert.Equal(Errno.None, _zones.ResetAll());
        Assert.Equal((BLK_ZONE_COND_NOT_WP, 0UL), State(0));
    }

    [Fact]
    public void The_zones_that_are_open_and_active_are_counted_right_whatever_is_done()
    {
        var random = new Random(24);
        for (int i = 0; i < 20000; i++)
        {
            long zone = random.Next(1, 8) * Zone;
            _ = random.Next(7) switch
            {
                0 => _zones.Open(zone),
                1 => _zones.Close(zone),
                2 => _zones.Finish(zone),
                3 => _zones.Reset(zone),
                4 => random.Next(50) == 0 ? _zones.ResetAll() : Errno.None,
                _ => _zones.Append(zone, random.Next(1, 400), out _),
            };
            blk_zone[] report = _zones.Report(0, 8);
            int open = report.Count(state => state.cond is BLK_ZONE_COND_IMP_OPEN or BLK_ZONE_COND_EXP_OPEN);
            Assert.InRange(open, 0, 2);
            Assert.InRange(open + report.Count(state => state.cond == BLK_ZONE_COND_CLOSED), 0, 3);
            Assert.All(report, state => Assert.Equal(state.cond == BLK_ZONE_COND_FULL, state.wp == state.start + state.len));
        }

        // None was lost on the way: all that there may be can be had.
        Assert.Equal(Errno.None, _zones.ResetAll());
        Assert.All([1, 2], zone => Assert.Equal(Errno.None, _zones.Open(zone * Zone)));
        Assert.Equal(Errno.ETOOMANYREFS, _zones.Open(3 * Zone));
        Assert.Equal(Errno.None, _zones.Write(Zone, 8));
        Assert.Equal(Errno.None, _zones.Close(Zone));
        Assert.Equal(Errno.None, _zones.Write(3 * Zone, 8));
        Assert.Equal(Errno.EOVERFLOW, _zones.Write(4 * Zone, 8));
    }

    private (blk_zone_cond Condition, ulong Pointer) State(int zone)
    {
        blk_zone state = _zones.Report(zone * Zone, 1)[0];
        return (state.cond, state.wp);
    }
}
