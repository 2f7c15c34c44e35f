using LibMultipath.Block;
using LibMultipath.Zones;

namespace LibMultipath.Tests.Zones;

/// <summary>
/// A zoned device in memory, as simple as can be: what several paths lead to, and an ideal one to compare with. Its first
/// zone is conventional, unless it has none such. It refuses what is not written at the write pointer.
/// </summary>
internal sealed class ZonedMemory
{
    private readonly Lock _lock = new();
    private readonly byte[] _data;
    private readonly Zone[] _zones;
    private readonly int _zoneSectors;
    private int _writesTaken;

    public ZonedMemory(int zones, int zoneSectors, int capacity, bool conventional = true)
    {
        _zoneSectors = zoneSectors;
        _data = new byte[zones * zoneSectors * 512];
        _zones = [.. Enumerable.Range(0, zones).Select(i => (long)i * zoneSectors).Select(start => start == 0 && conventional
            ? new Zone(start, zoneSectors, zoneSectors, start, ZoneType.Conventional, ZoneCondition.NotWritePointer)
            : new Zone(start, zoneSectors, capacity, start, ZoneType.SequentialWriteRequired, ZoneCondition.Empty))];
    }

    public long Sectors => _data.Length / 512;

    /// <summary>Whether closing a zone that is neither open nor closed is refused (null_blk, NVMe) and not ignored (SCSI).</summary>
    public bool ClosesOpenOnly { get; init; }

    /// <summary>How many writes it has not refused.</summary>
    public int WritesTaken => Volatile.Read(ref _writesTaken);

    public ReadOnlySpan<byte> Data => _data;

    public Zone[] Zones
    {
        get
        {
            lock (_lock)
            {
                return [.. _zones];
            }
        }
    }

    public Zone this[int zone] => Zones[zone];

    /// <summary>Makes a zone what it is not by what was asked for.</summary>
    public void Change(int zone, Func<Zone, Zone> change)
    {
        lock (_lock)
        {
            _zones[zone] = change(_zones[zone]);
        }
    }

    public int Report(long sector, Span<Zone> zones)
    {
        lock (_lock)
        {
            int first = (int)(sector / _zoneSectors);
            int count = Math.Min(zones.Length, _zones.Length - first);
            _zones.AsSpan(first, count).CopyTo(zones);
            return count;
        }
    }

    /// <summary>Carries a bio out.</summary>
    /// <param name="bio">The bio.</param>
    /// <param name="appended">Where it wrote.</param>
    /// <param name="most">How many sectors of a write that it takes are written.</param>
    public BlockStatus Execute(Bio bio, out long appended, long most = long.MaxValue)
    {
        appended = bio.Sector;
        if (bio.Op == BioOp.Read)
        {
            Read(bio);
            return BlockStatus.Ok;
        }

        return Execute(bio.Op, bio.Sector, bio.Op == BioOp.Flush ? [] : DataOf(bio), out appended, most);
    }

    /// <summary>Carries an operation out; a write to as many sectors as there is data.</summary>
    public BlockStatus Execute(BioOp op, long sector, ReadOnlySpan<byte> data, out long appended, long most = long.MaxValue)
    {
        appended = sector;
        lock (_lock)
        {
            switch (op)
            {
                case BioOp.Flush:
                    return BlockStatus.Ok;
                case BioOp.ZoneResetAll:
                    foreach (ref Zone each in _zones.AsSpan())
                    {
                        Manage(ref each, BioOp.ZoneReset);
                    }

                    return BlockStatus.Ok;
                case >= BioOp.ZoneOpen:
                    return Manage(ref _zones[sector / _zoneSectors], op);
                default:
                    return Write(ref _zones[sector / _zoneSectors], op, data, most, ref appended);
            }
        }
    }

    private static byte[] DataOf(Bio bio)
    {
        byte[] data = new byte[bio.Size];
        int offset = 0;
        foreach (BioSegment segment in bio.Segments)
        {
            segment.Span.CopyTo(data.AsSpan(offset));
            offset += segment.Length;
        }

        return data;
    }

    private void Read(Bio bio)
    {
        lock (_lock)
        {
            int offset = (int)bio.Sector * 512;
            foreach (BioSegment segment in bio.Segments)
            {
                _data.AsSpan(offset, segment.Length).CopyTo(segment.Span);
                offset += segment.Length;
            }
        }
    }

    private BlockStatus Write(ref Zone zone, BioOp op, ReadOnlySpan<byte> data, long most, ref long at)
    {
        bool random = zone.Type == ZoneType.Conventional;
        at = op == BioOp.ZoneAppend ? zone.WritePointer : at;
        long end = at + (data.Length / 512);
        if (random ? op == BioOp.ZoneAppend
            : zone.Condition > ZoneCondition.Closed || at != zone.WritePointer || end > zone.Start + zone.Capacity)
        {
            return BlockStatus.IoError;
        }

        _writesTaken++;
        end = at + Math.Min(end - at, most);
        data[..(int)((end - at) << 9)].CopyTo(_data.AsSpan((int)at * 512));
        if (!random)
        {
            bool full = end == zone.Start + zone.Capacity;
            bool open = zone.Condition == ZoneCondition.ExplicitlyOpen;
            zone = zone with { WritePointer = end, Condition = full ? ZoneCondition.Full : open ? zone.Condition : ZoneCondition.ImplicitlyOpen };
        }

        return BlockStatus.Ok;
    }

    private BlockStatus Manage(ref Zone zone, BioOp op)
    {
        bool isOpen = zone.Condition is ZoneCondition.ImplicitlyOpen or ZoneCondition.ExplicitlyOpen;
        (BlockStatus status, zone) = op switch
        {
            _ when zone.Type == ZoneType.Conventional || zone.Condition > ZoneCondition.Full => (BlockStatus.IoError, zone),
            BioOp.ZoneReset => (BlockStatus.Ok, zone with { Condition = ZoneCondition.Empty, WritePointer = zone.Start }),
            BioOp.ZoneFinish => (BlockStatus.Ok, zone with { Condition = ZoneCondition.Full, WritePointer = zone.Start + zone.Capacity }),
            BioOp.ZoneOpen when zone.Condition != ZoneCondition.Full => (BlockStatus.Ok, zone with { Condition = ZoneCondition.ExplicitlyOpen }),
            BioOp.ZoneClose when isOpen && zone.WritePointer == zone.Start => (BlockStatus.Ok, zone with { Condition = ZoneCondition.Empty }),
            BioOp.ZoneClose when isOpen => (BlockStatus.Ok, zone with { Condition = ZoneCondition.Closed }),
            BioOp.ZoneClose when zone.Condition == ZoneCondition.Closed || !ClosesOpenOnly => (BlockStatus.Ok, zone),
            _ => (BlockStatus.IoError, zone),
        };
        return status;
    }
}
