using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Zones;

namespace LibMultipath.Disk;

/// <summary>What a head disk keeps with a bio that writes a zone.</summary>
internal sealed partial class MpathIo
{
    private bool _isAimed;
    private bool _wasAppend;
    private PathSet _forgiven;

    /// <summary>What the bio has its turn in, or waits for; for a part of a bio what that one has. Null if it needs none.</summary>
    public OrderedZone? Zone { get; private set; }

    /// <summary>Whether a path failed with it after it may have been carried out.</summary>
    public bool IsUnsure { get; set; }

    /// <summary>Where it writes.</summary>
    public long WritesAt { get; private set; }

    /// <summary>Whether that was where the zone was to be written next.</summary>
    public bool WroteAtPointer { get; private set; }

    /// <summary>It needs a turn.</summary>
    public void BeginZone(OrderedZone zone)
    {
        Restart();
        Zone = zone;
        IsUnsure = _isAimed = _wasAppend = false;
        _forgiven.Clear();
    }

    /// <summary>An append becomes a write.</summary>
    public void WriteAt(Bio bio, long sector)
    {
        _wasAppend = true;
        bio.Op = BioOp.Write;
        bio.Sector = sector;
    }

    /// <summary>A write that was an append is one again: it has ended, or nothing of it is written.</summary>
    public void RestoreAppend(Bio bio, OrderedZone zone)
    {
        if (_wasAppend)
        {
            _wasAppend = false;
            bio.Op = BioOp.ZoneAppend;
            bio.AppendedSector = bio.Sector;
            bio.Sector = zone.Start;
        }
    }

    /// <summary>
    /// A path that failed with the bio has said where the zone is written next. It may have the bio once more: each device of
    /// the kernel remembers where it has written a zone, refuses a write elsewhere, and looks anew for a report. Each path may,
    /// because each may have been written around; once, so that it comes to an end.
    /// </summary>
    public void ForgiveOnce(MpathDevice path, long generation)
    {
        if (HasFailedOn(path, generation) && !_forgiven.Has(path, generation))
        {
            _forgiven.Add(path, generation);
            _failed.Remove(path);
            _everFailed!.Remove(path.Number);
        }
    }

    /// <summary>It goes to a path as it is.</summary>
    public void Aim(Bio bio, long pointer)
    {
        _isAimed = true;
        WritesAt = bio.Op == BioOp.ZoneAppend ? pointer : bio.Sector;
        WroteAtPointer = WritesAt == pointer;

        // For a driver that knows nothing better: nobody else writes the zone.
        bio.AppendedSector = WritesAt;
    }

    /// <summary>It ends, and is again what its submitter made it. The zone is what it has become.</summary>
    public void EndZone(Bio bio, bool ok)
    {
        OrderedZone zone = Zone!;
        Zone = null;
        switch (bio.Op)
        {
            case BioOp.ZoneResetAll:
                zone.Order.Forget();
                break;
            case BioOp.ZoneReset or BioOp.ZoneFinish:
            case BioOp.Write or BioOp.WriteZeroes or BioOp.ZoneAppend when _isAimed && !ok:
                zone.Forget();
                break;
            case BioOp.Write or BioOp.WriteZeroes or BioOp.ZoneAppend when _isAimed:
                zone.MoveTo((bio.Op == BioOp.ZoneAppend ? bio.AppendedSector : WritesAt) + (bio.Size >> 9));
                break;
        }

        RestoreAppend(bio, zone);
    }
}
