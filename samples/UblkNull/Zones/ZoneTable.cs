using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using static LibMultipath.Ublk.Abi.blk_zone_cond;

namespace UblkNull.Zones;

/// <summary>
/// The zones of a host-managed disk: their conditions and write pointers, and how many may be open and active. Any
/// thread. Errors are those that the kernel knows: EIO for what is not allowed in a zone's condition, ETOOMANYREFS for
/// too many open zones, EOVERFLOW for too many active ones.
/// </summary>
internal sealed class ZoneTable
{
    private readonly Lock _lock = new();
    private readonly blk_zone[] _zones;
    private readonly ZoneLimits _limits;
    private int _open;
    private int _closed;

    public ZoneTable(long sectors, ZoneLimits limits)
    {
        _limits = limits;
        _zones = new blk_zone[sectors / limits.SectorsPerZone];
        for (int i = 0; i < _zones.Length; i++)
        {
            bool conventional = i < limits.Conventional;
            ulong start = (ulong)i * (ulong)limits.SectorsPerZone;
            _zones[i] = new blk_zone
            {
                start = start,
                len = (ulong)limits.SectorsPerZone,
                capacity = (ulong)(conventional ? limits.SectorsPerZone : limits.CapacitySectors),
                wp = start,
                type = conventional ? blk_zone_type.BLK_ZONE_TYPE_CONVENTIONAL : blk_zone_type.BLK_ZONE_TYPE_SEQWRITE_REQ,
                cond = conventional ? BLK_ZONE_COND_NOT_WP : BLK_ZONE_COND_EMPTY,
            };
        }
    }

    /// <summary>How the zones from that of a sector on are, at most so many.</summary>
    public blk_zone[] Report(long sector, int most)
    {
        lock (_lock)
        {
            int first = (int)(sector / _limits.SectorsPerZone);
            return _zones[first..Math.Min(first + most, _zones.Length)];
        }
    }

    /// <summary>A write, which must be at the write pointer.</summary>
    public Errno Write(long sector, int sectors)
    {
        lock (_lock)
        {
            ref blk_zone zone = ref ZoneOf(sector);
            return zone.cond != BLK_ZONE_COND_NOT_WP && zone.wp != (ulong)sector ? Errno.EIO : Advance(ref zone, sectors);
        }
    }

    /// <summary>A write that the zone finds the place for.</summary>
    public Errno Append(long sector, int sectors, out long at)
    {
        lock (_lock)
        {
            ref blk_zone zone = ref ZoneOf(sector);
            at = (long)zone.wp;
            return zone.cond == BLK_ZONE_COND_NOT_WP ? Errno.EIO : Advance(ref zone, sectors);
        }
    }

    public Errno Open(long sector)
    {
        lock (_lock)
        {
            ref blk_zone zone = ref ZoneOf(sector);
            Errno error = zone.cond switch
            {
                BLK_ZONE_COND_EXP_OPEN or BLK_ZONE_COND_IMP_OPEN => Errno.None,
                BLK_ZONE_COND_EMPTY or BLK_ZONE_COND_CLOSED => Acquire(ref zone),
                _ => Errno.EIO,
            };
            zone.cond = error == Errno.None ? BLK_ZONE_COND_EXP_OPEN : zone.cond;
            return error;
        }
    }

    public Errno Close(long sector)
    {
        lock (_lock)
        {
            ref blk_zone zone = ref ZoneOf(sector);
            if (zone.cond is BLK_ZONE_COND_IMP_OPEN or BLK_ZONE_COND_EXP_OPEN)
            {
                Close(ref zone);
            }

            return zone.cond is BLK_ZONE_COND_CLOSED or BLK_ZONE_COND_EMPTY ? Errno.None : Errno.EIO;
        }
    }

    public Errno Finish(long sector)
    {
        lock (_lock)
        {
            ref blk_zone zone = ref ZoneOf(sector);
            if (zone.cond == BLK_ZONE_COND_NOT_WP)
            {
                return Errno.EIO;
            }

            Leave(ref zone, BLK_ZONE_COND_FULL);
            zone.wp = zone.start + zone.len;
            return Errno.None;
        }
    }

    public Errno Reset(long sector)
    {
        lock (_lock)
        {
            ref blk_zone zone = ref ZoneOf(sector);
            return zone.cond == BLK_ZONE_COND_NOT_WP ? Errno.EIO : Reset(ref zone);
        }
    }

    public Errno ResetAll()
    {
        lock (_lock)
        {
            foreach (ref blk_zone zone in _zones.AsSpan(_limits.Conventional))
            {
                Reset(ref zone);
            }

            return Errno.None;
        }
    }

    private ref blk_zone ZoneOf(long sector) => ref _zones[sector / _limits.SectorsPerZone];

    private Errno Advance(ref blk_zone zone, int sectors)
    {
        if (zone.cond == BLK_ZONE_COND_NOT_WP)
        {
            return Errno.None;
        }

        ulong end = zone.start + zone.capacity;
        if (zone.cond == BLK_ZONE_COND_FULL || zone.wp + (ulong)sectors > end)
        {
            return Errno.EIO;
        }

        if (zone.cond is BLK_ZONE_COND_EMPTY or BLK_ZONE_COND_CLOSED)
        {
            Errno error = Acquire(ref zone);
            if (error != Errno.None)
            {
                return error;
            }

            zone.cond = BLK_ZONE_COND_IMP_OPEN;
        }

        zone.wp += (ulong)sectors;
        if (zone.wp == end)
        {
            Leave(ref zone, BLK_ZONE_COND_FULL);
        }

        return Errno.None;
    }

    // A place among the open zones for one that is empty or closed. One that a write has opened makes way for it.
    private Errno Acquire(ref blk_zone zone)
    {
        bool active = zone.cond == BLK_ZONE_COND_CLOSED;
        if (!active && _limits.MaxActive != 0 && _open + _closed >= _limits.MaxActive)
        {
            return Errno.EOVERFLOW;
        }

        if (_limits.MaxOpen != 0 && _open >= _limits.MaxOpen)
        {
            int yielding = Array.FindIndex(_zones, other => other.cond == BLK_ZONE_COND_IMP_OPEN);
            if (yielding < 0)
            {
                return Errno.ETOOMANYREFS;
            }

            Close(ref _zones[yielding]);
        }

        _closed -= active ? 1 : 0;
        _open++;
        return Errno.None;
    }

    private void Close(ref blk_zone zone)
    {
        bool empty = zone.wp == zone.start;
        Leave(ref zone, empty ? BLK_ZONE_COND_EMPTY : BLK_ZONE_COND_CLOSED);
        _closed += empty ? 0 : 1;
    }

    private Errno Reset(ref blk_zone zone)
    {
        Leave(ref zone, BLK_ZONE_COND_EMPTY);
        zone.wp = zone.start;
        return Errno.None;
    }

    private void Leave(ref blk_zone zone, blk_zone_cond next)
    {
        _open -= zone.cond is BLK_ZONE_COND_IMP_OPEN or BLK_ZONE_COND_EXP_OPEN ? 1 : 0;
        _closed -= zone.cond == BLK_ZONE_COND_CLOSED ? 1 : 0;
        zone.cond = next;
    }
}
