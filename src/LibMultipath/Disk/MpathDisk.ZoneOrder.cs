using LibMultipath.Block;
using LibMultipath.Zones;

namespace LibMultipath.Disk;

// On a zoned disk at most one write a zone is with a path. So when that path fails, the write pointer tells what became of
// the write: it is neither lost nor written twice. A bio has its turn from when it is first carried out until it ends,
// also while it waits for a path, and its parts go one by one in it.
public sealed partial class MpathDisk
{
    private ZoneOrder? _zones;

    internal override void CarryOut(Bio bio, DiskShape shape)
    {
        if (_zones is not { } zones || !ZoneOrder.Orders(bio))
        {
            base.CarryOut(bio, shape);
            return;
        }

        MpathIo io = MpathIo.Of(bio);
        if (io.Zone is not null || TakeTurn(bio, io, shape, zones))
        {
            CarryOutInTurn(bio, io, shape, io.Zone!);
        }
    }

    /// <returns>False if the bio waits for its turn, or needs none: then it is on its way, or has ended.</returns>
    private bool TakeTurn(Bio bio, MpathIo io, DiskShape shape, ZoneOrder zones)
    {
        if (bio.Parent is { Whole.StackData: MpathIo { Zone: { } turn } })
        {
            io.BeginZone(turn);
            return true;
        }

        if (shape.CrossesZones(bio))
        {
            // Each part takes its own turn.
            bio.Compound.Start(this, BioCompound.Steps.Data);
            return false;
        }

        OrderedZone zone = zones.ZoneOf(bio);
        if (zone.IsRandom && bio.Op != BioOp.ZoneAppend)
        {
            base.CarryOut(bio, shape);
            return false;
        }

        // Before it enters: when it has to wait, it is not ours any more.
        io.BeginZone(zone);
        switch (zones.Enter(bio, zone))
        {
            case ZoneEntry.HasTurn:
                return true;
            case ZoneEntry.WouldWait:
                End(bio, BlockStatus.Again);
                return false;
            case ZoneEntry.AskedBack:
                EndCancelled(bio);
                return false;
            default:
                return false;
        }
    }

    private void CarryOutInTurn(Bio bio, MpathIo io, DiskShape shape, OrderedZone zone)
    {
        bool writes = bio.Op < BioOp.ZoneOpen;
        long pointer = zone.WritePointer;
        if (io.IsUnsure || (writes && pointer == OrderedZone.Unknown))
        {
            LookAtZone(bio);
            return;
        }

        // It may have waited for a path, and somebody have written meanwhile.
        io.RestoreAppend(bio, zone);
        if (bio.Op == BioOp.ZoneAppend)
        {
            if (zone.IsRandom || bio.Size >> 9 > zone.End - pointer)
            {
                End(bio, BlockStatus.IoError);
                return;
            }

            if (!PathsAppend(bio, shape))
            {
                io.WriteAt(bio, pointer);
            }
        }

        BioCompound.Steps steps = shape.Plan(bio);
        if (steps != BioCompound.Steps.Data || shape.NeedsSplit(bio))
        {
            bio.Compound.Start(this, steps, inOrder: true);
            return;
        }

        if (writes)
        {
            io.Aim(bio, pointer);
        }

        Route(bio, shape);
    }

    private static bool PathsAppend(Bio bio, DiskShape shape) =>
        bio.Size >> 9 <= shape.MaxPathAppendSectors && !shape.NeedsSplit(bio) && (bio.Flags & (BioFlags.PreFlush | BioFlags.Fua)) == 0;

    /// <summary>A path has failed with the bio of a zone: what becomes of it the second time depends on the first.</summary>
    private static bool IsUnsure(Bio bio) => bio.Op is BioOp.Write or BioOp.WriteZeroes or BioOp.ZoneAppend or BioOp.ZoneClose;

    /// <summary>Ends a bio of a zone, and carries out those whose turn it is then.</summary>
    private void FinishInZone(Bio bio, MpathIo io, BlockStatus status, bool cancelled)
    {
        OrderedZone zone = io.Zone!;
        io.EndZone(bio, status == BlockStatus.Ok);
        Bio? next = zone.Order.Leave(bio, zone);
        bool askedBack = bio.CancelRequested;
        FinishNow(bio, status, cancelled);
        while (next is not null)
        {
            Bio following = next;
            next = following.Next;
            following.Next = null;
            if (askedBack)
            {
                // Who asks for it may hold locks, and the driver is not to be called under those.
                PutOnRequeueList(following, schedule: true);
            }
            else
            {
                Reissue(following);
            }
        }
    }
}
