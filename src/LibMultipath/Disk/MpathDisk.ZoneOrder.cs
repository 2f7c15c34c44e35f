using LibMultipath.Block;
using LibMultipath.Work;
using LibMultipath.Zones;

namespace LibMultipath.Disk;

// On a zoned disk at most one write a zone is with a path. So when that path dies the write pointer tells what became of it.
public sealed partial class MpathDisk
{
    private readonly BioWaitList _zoneLooks = new();
    private readonly DeferredWork _zoneWork;
    private ZoneOrder? _zones;

    /// <summary>Orders a bio of a zoned disk.</summary>
    /// <returns>False if it waits, or has ended.</returns>
    private bool EnterZone(Bio bio, ZoneOrder zones)
    {
        MpathIo io = MpathIo.Of(bio);
        if (io.Zone is null)
        {
            if (!ZoneOrder.Orders(bio.Op) || zones.ZoneOf(bio.Sector) is not { IsConventional: false } zone)
            {
                return true;
            }

            // Before it enters: if it waits, it comes back here as one that has entered.
            io.BeginZone(zone, bio);
            if (!zone.TryEnter(bio))
            {
                return false;
            }
        }

        return GoOnInZone(bio, io, io.Zone!);
    }

    private bool GoOnInZone(Bio bio, MpathIo io, OrderedZone zone)
    {
        if (bio.CancelRequested)
        {
            EndCancelled(bio);
            return false;
        }

        if (io.IsUnsure || (io.Appends && !zone.IsKnown))
        {
            Look(bio);
            return false;
        }

        if (io.Appends && bio.Op == BioOp.ZoneAppend && Limits.MaxZoneAppendSectors == 0)
        {
            bio.Op = BioOp.Write;
            bio.Sector = zone.WritePointer;
        }

        io.WritesAt = bio.Op == BioOp.ZoneAppend ? zone.WritePointer : bio.Sector;
        return true;
    }

    /// <summary>The bio is about to end: the next one of its zone can go.</summary>
    /// <returns>The next one; to be reissued when this one has ended.</returns>
    private static Bio? LeaveZone(Bio bio, MpathIo io, OrderedZone zone, BlockStatus status)
    {
        switch (bio.Op)
        {
            case BioOp.Write or BioOp.WriteZeroes when status == BlockStatus.Ok:
                zone.MoveTo(io.WritesAt + (bio.Size >> 9));
                break;
            case BioOp.ZoneAppend when status == BlockStatus.Ok:
                zone.MoveTo(bio.AppendedSector + (bio.Size >> 9));
                break;
            case BioOp.ZoneReset when status == BlockStatus.Ok:
                zone.MoveTo(zone.Start);
                break;
            default:
                zone.Forget();
                break;
        }

        io.EndZone(bio);
        return zone.Leave();
    }

    /// <summary>Ends a bio of a zoned disk. The disk may be going: all that is used of it is the order of its zones.</summary>
    private static void FinishInZone(Bio bio, ZoneOrder zones, BlockStatus status, bool cancelled = false)
    {
        if (bio.Op == BioOp.ZoneResetAll)
        {
            zones.Forget();
        }

        Bio? next = bio.StackData is MpathIo { Zone: { } zone } io
            ? LeaveZone(bio, io, zone, cancelled ? BlockStatus.Again : status)
            : null;
        if (cancelled)
        {
            bio.FinishCancelled();
        }
        else
        {
            bio.Finish(status);
        }

        if (next is not null)
        {
            Reissue(next);
        }
    }

    private void Look(Bio bio)
    {
        if (_zoneLooks.Add(bio))
        {
            _zoneWork.Queue();
        }
        else
        {
            EndCancelled(bio);
        }
    }

    /// <summary>Reads the write pointers that bios wait for.</summary>
    private void LookAtZones()
    {
        for (Bio? bio = _zoneLooks.TakeAll(); bio is not null;)
        {
            Bio? next = bio.Next;
            bio.Next = null;
            LookFor(bio, MpathIo.Of(bio));
            bio = next;
        }
    }

    private void LookFor(Bio bio, MpathIo io)
    {
        OrderedZone zone = io.Zone!;
        Span<Zone> report = stackalloc Zone[1];
        int count = ReportZones(zone.Start, report);
        if (count == 1)
        {
            zone.Learn(report[0]);
            GoOnAfterLook(bio, io, zone, report[0]);
        }
        else if (count == -(int)Errno.EAGAIN && IsAvailable(Head))
        {
            Head.CountRequeued();
            PutOnRequeueList(bio);
        }
        else
        {
            End(bio, BlockStatus.IoError);
        }
    }

    private void GoOnAfterLook(Bio bio, MpathIo io, OrderedZone zone, in Zone found)
    {
        long sectors = bio.Size >> 9;
        bool unsure = io.IsUnsure;
        io.IsUnsure = false;
        if (io.Appends && !unsure && zone.WritePointer + sectors > found.Start + found.Capacity)
        {
            // It is full, or would be before the end.
            End(bio, BlockStatus.IoError);
        }
        else if (!unsure || zone.IsConventional || zone.WritePointer == io.WritesAt)
        {
            Reissue(bio);
        }
        else if (zone.WritePointer >= io.WritesAt + sectors)
        {
            // The path died with it, but not before it was written.
            bio.AppendedSector = io.WritesAt;
            End(bio, BlockStatus.Ok);
        }
        else
        {
            End(bio, io.LastError);
        }
    }
}
