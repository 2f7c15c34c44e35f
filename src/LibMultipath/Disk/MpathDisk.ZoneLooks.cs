using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Reclamation;
using LibMultipath.Work;
using LibMultipath.Zones;

namespace LibMultipath.Disk;

// Reading a write pointer blocks, so it is done by a work with a thread of its own: what ends attempts, which may be what
// the driver needs for its report, never waits for it.
public sealed partial class MpathDisk
{
    private readonly BioWaitList _zoneLooks = new();
    private readonly DeferredWork _zoneWork;

    private void LookAtZone(Bio bio)
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

    private void LookAtZones()
    {
        for (Bio? bio = _zoneLooks.TakeAll(); bio is not null;)
        {
            Bio? next = bio.Next;
            bio.Next = null;
            LookAtZoneOf(bio, MpathIo.Of(bio));
            bio = next;
        }
    }

    /// <summary>Looks through any path: one that failed with the bio may do for this.</summary>
    private void LookAtZoneOf(Bio bio, MpathIo io)
    {
        if (!IsLive)
        {
            // Who removes the disk does what nobody has begun, and does not wait for a driver's report.
            End(bio, BlockStatus.IoError);
            return;
        }

        OrderedZone zone = io.Zone!;
        Span<Zone> found = stackalloc Zone[1];
        for (bool again = false; ; again = true)
        {
            SrcuSection section = Head.Srcu.Enter();
            io.Generation = Head.Generation;
            MpathDevice? path = Head.Selector.Select(Head, Head.CurrentNode, bio: null);
            if (path is null)
            {
                WaitForPath(bio, section);
                return;
            }

            if (again && io.HasFailedOn(path, Head.Generation))
            {
                path = FindUntried(io);
            }

            if (path is null)
            {
                section.Dispose();
                End(bio, io.LastError);
                return;
            }

            var held = new HeldPath(path);
            section.Dispose();
            int count = ReportZones(held, zone.Start, found);
            if (count == 1)
            {
                if (io.IsUnsure)
                {
                    io.ForgiveOnce(path, Head.Generation);
                }

                GoOnAfterLook(bio, io, zone.Learn(found[0]), found[0].Condition);
                return;
            }

            ReportFailed(path, zone.Start, count);
            io.AddFailure(path, BlockStatus.IoError);
        }
    }

    private void GoOnAfterLook(Bio bio, MpathIo io, long pointer, ZoneCondition condition)
    {
        bool unsure = io.IsUnsure;
        io.IsUnsure = false;
        if (unsure && bio.Op == BioOp.ZoneClose && condition is (ZoneCondition.Closed or ZoneCondition.Empty))
        {
            // It is closed, and a device may refuse to close it a second time.
            End(bio, BlockStatus.Ok);
        }
        else if (unsure && !io.Zone!.IsRandom && io.WroteAtPointer && pointer > io.WritesAt && pointer <= io.WritesAt + (bio.Size >> 9))
        {
            GoOnAfter(bio, io, pointer - io.WritesAt);
        }
        else
        {
            // Nothing is written; or the write pointer is where this write cannot have left it, and the device answers.
            Reissue(bio);
        }
    }

    /// <summary>A path has failed with a write, but not before so much of it was written: only the rest is left to do.</summary>
    private void GoOnAfter(Bio bio, MpathIo io, long sectors)
    {
        if (bio.Op == BioOp.ZoneAppend)
        {
            io.WriteAt(bio, io.WritesAt);
        }

        long done = sectors << 9;
        BioCompound.Steps steps = done < bio.Size ? BioCompound.Steps.Data : BioCompound.Steps.None;

        // Written is not durable, and nobody has said that it is.
        bool flushes = (bio.Flags & BioFlags.Fua) != 0 && (Limits.Features & QueueFeatures.WriteCache) != 0;
        bio.Compound.Start(this, flushes ? steps | BioCompound.Steps.PostFlush : steps, inOrder: true, done);
    }

    private void ReportFailed(MpathDevice path, long sector, int answer)
    {
        Head.ClearCurrentPath(path);
        if (_zoneLimit.TryTake(out int suppressed))
        {
            Logger.ZoneReportFailed(Name, sector, path.Name, answer < 0 ? ((Errno)(-answer)).ToString() : "no zones", suppressed);
        }
    }
}
