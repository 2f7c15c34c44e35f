using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.Hooks;
using LibMultipath.Paths;
using LibMultipath.Reclamation;

namespace LibMultipath.Disk;

public sealed partial class MpathDisk
{
    private static readonly Action<MpathDisk, Bio, MpathDevice, TimeSpan> s_requeue =
        static (disk, bio, _, _) => disk.PutOnRequeueList(bio, schedule: true);

    private static readonly Action<MpathDisk, Bio, MpathDevice, TimeSpan> s_requeueAndReread =
        static (disk, bio, path, _) =>
        {
            disk.PutOnRequeueList(bio, schedule: true);
            disk.Reread(path);
        };

    /// <summary>A path has given a bio back (<c>nvme_complete_rq</c>). On the driver's thread.</summary>
    internal override void AttemptEnded(Bio bio, AttemptOutcome outcome, BlockStatus status, TimeSpan delay)
    {
        MpathIo io = MpathIo.Of(bio);
        if (io.Original is not null)
        {
            bio = EndClone(bio, io);
            io = MpathIo.Of(bio);
        }

        if (io.Selector is not null)
        {
            EndMeasuring(bio, io, outcome, status);
        }

        if (Head.Hooks.AttemptEnded.IsAttached)
        {
            RaiseAttemptEnded(bio, io.Path!, outcome, status);
        }

        if (outcome == AttemptOutcome.Done && status == BlockStatus.Ok)
        {
            if (Head.Hooks.BioEnded.IsAttached)
            {
                RaiseBioEnded(bio, status);
            }

            ReleasePath(bio, io);
            if (io.Zone is null)
            {
                bio.Finish(BlockStatus.Ok);
            }
            else
            {
                FinishInZone(bio, io, BlockStatus.Ok, cancelled: false);
            }
        }
        else
        {
            AttemptFailed(bio, io, outcome, status, delay);
        }
    }

    internal override void End(Bio bio, BlockStatus status)
    {
        RaiseIfHeadLives(Head.Hooks.BioEnded, bio, status);
        Finish(bio, status, cancelled: false);
    }

    /// <summary>
    /// Ends a bio that was carried out in parts: its end is told if its submission was. It was when it had gone to a path as a
    /// whole first, or was about to.
    /// </summary>
    internal override void EndCompound(Bio bio, BlockStatus status, bool cancelled)
    {
        RaiseIfHeadLives((bio.Flags & BioFlags.Mpath) != 0 ? Head.Hooks.BioEnded : Head.Hooks.PartsEnded, bio, status);
        Finish(bio, status, cancelled);
    }

    internal override void EndCancelled(Bio bio)
    {
        RaiseIfHeadLives(Head.Hooks.BioEnded, bio, BlockStatus.Again);
        Finish(bio, BlockStatus.Again, cancelled: true);
    }

    internal override void AbortAttempt(Bio bio)
    {
        if (_cloner is not null)
        {
            (bio.StackData as MpathIo)?.AbortClone();
            return;
        }

        BioAttempt attempt = bio.CurrentAttempt;
        if (attempt.IsUnderWay && bio.Device is DriverDisk disk)
        {
            disk.AskBack(attempt);
        }
    }

    /// <summary>Tries a bio again where it was, if it still can be.</summary>
    internal override void Resume(Bio bio)
    {
        MpathIo io = MpathIo.Of(bio);
        io.RetryPath = io.Path;
        Reissue(bio);
    }

    private void AttemptFailed(Bio bio, MpathIo io, AttemptOutcome outcome, BlockStatus status, TimeSpan delay)
    {
        MpathDevice path = io.Path!;
        if (bio.CancelRequested)
        {
            EndAttempt(bio, io, BlockStatus.Again, cancelled: true);
            return;
        }

        if ((bio.Flags & BioFlags.FailFastMask) != 0)
        {
            outcome = AttemptOutcome.Done;
        }

        if (outcome == AttemptOutcome.Retry)
        {
            if (bio.TryCountRetry(DriverDisk.MaxRetries))
            {
                path.CountRetry();
                Leave(bio, io, path, static (_, bio, path, delay) => path.Disk.RetryLater(bio, delay), delay);
                return;
            }

            status = bio.StatusUnretried(outcome, status);
            outcome = AttemptOutcome.Done;
        }

        if (outcome == AttemptOutcome.Done)
        {
            path.CountError();
            EndAttempt(bio, io, status, cancelled: false);
            return;
        }

        Failover(bio, io, path, outcome, status);
    }

    /// <summary>Gives the clone back, and returns the bio that it stood for.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Bio EndClone(Bio clone, MpathIo io)
    {
        Bio original = io.Original!;
        io.Original = null;
        original.AppendedSector = clone.AppendedSector;
        MpathIo.Of(original).EndClone();
        clone.EndClone();
        clone.Dispose();
        return original;
    }

    /// <summary>
    /// Ends a bio that a path has given back, and lets the path go. In this order: when the path is let go, it and the
    /// head may go too, and the hooks are the head's.
    /// </summary>
    private void EndAttempt(Bio bio, MpathIo io, BlockStatus status, bool cancelled)
    {
        if (Head.Hooks.BioEnded.IsAttached)
        {
            RaiseBioEnded(bio, status);
        }

        ReleasePath(bio, io);
        Finish(bio, status, cancelled);
    }

    private void Finish(Bio bio, BlockStatus status, bool cancelled)
    {
        if (bio.StackData is MpathIo { Zone: not null } io)
        {
            FinishInZone(bio, io, status, cancelled);
        }
        else
        {
            FinishNow(bio, status, cancelled);
        }
    }

    private static void FinishNow(Bio bio, BlockStatus status, bool cancelled)
    {
        if (cancelled)
        {
            bio.FinishCancelled();
        }
        else
        {
            bio.Finish(status);
        }
    }

    /// <summary>
    /// Another path should try (<c>nvme_failover_req</c>): the path is forgotten as current, the bio goes on the
    /// requeue list, aimed at the head again. The submitter sees nothing but time.
    /// </summary>
    private void Failover(Bio bio, MpathIo io, MpathDevice path, AttemptOutcome outcome, BlockStatus status)
    {
        Head.ClearCurrentPath(path);
        path.CountFailover();
        bool reread = outcome == AttemptOutcome.AccessStateError && path.SetReason(PathState.Pending, true);
        io.AddFailure(path, status);
        io.IsUnsure = io.Zone is not null && IsUnsure(bio);
        if (_failoverLimit.TryTake(out int suppressed))
        {
            Logger.Failover(Name, path.Name, status.ToKernelName(), suppressed);
        }

        RaiseFailedOver(bio, path, status);
        bio.Device = this;
        Leave(bio, io, path, reread ? s_requeueAndReread : s_requeue, default);
    }

    private void Reread(MpathDevice path)
    {
        try
        {
            Head.Template.RereadState(path);
        }
        catch (Exception exception)
        {
            ReportTemplateFault(exception, path.Name);
        }
    }

    private void ReportTemplateFault(Exception exception, string about)
    {
        if (_templateLimit.TryTake(out int suppressed))
        {
            Logger.TemplateThrew(exception, Name, about, suppressed);
        }
    }

    /// <summary>
    /// Gives the bio to a list, and only then lets the path go: as long as the attempt is under way, neither path
    /// nor head can go. Once it is on the list, the bio is whoever's takes it off.
    /// </summary>
    private void Leave(Bio bio, MpathIo io, MpathDevice path, Action<MpathDisk, Bio, MpathDevice, TimeSpan> handOver, TimeSpan delay)
    {
        SrcuToken attempt = io.Attempt;
        BioOp op = bio.Op;
        long bytes = bio.Size;
        EndLoad(io, path);
        handOver(this, bio, path, delay);
        path.EndAttempt(attempt, op, bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReleasePath(Bio bio, MpathIo io)
    {
        MpathDevice path = io.Path!;
        io.Path = null;
        EndLoad(io, path);
        path.EndAttempt(io.Attempt, bio.Op, bio.Size);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EndLoad(MpathIo io, MpathDevice path)
    {
        if (io.LoadCounted)
        {
            io.LoadCounted = false;
            path.Controller.EndLoad();
        }
    }

    // A bio that no path has: the disk and the head may both be gone.
    private void RaiseIfHeadLives(HookPoint<BioEndedArgs> point, Bio bio, BlockStatus status)
    {
        if (point.IsAttached && Head.TryGet())
        {
            Head.Raise(point, new BioEndedArgs(bio, status));
            Head.Put();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EndMeasuring(Bio bio, MpathIo io, AttemptOutcome outcome, BlockStatus status)
    {
        PathSelector selector = io.Selector!;
        io.Selector = null;
        TimeSpan duration = Head.TimeProvider.GetElapsedTime(io.SelectTimestamp);
        if ((selector.Needs & SelectorNeeds.Latency) != 0 && outcome == AttemptOutcome.Done && status == BlockStatus.Ok)
        {
            io.Path!.Measure(duration);
        }

        if ((selector.Needs & SelectorNeeds.Feedback) != 0)
        {
            using (Head.Srcu.Enter())
            {
                selector.Ended(io.Path!, bio, duration, status);
            }
        }
    }

    private void RaiseAttemptEnded(Bio bio, MpathDevice path, AttemptOutcome outcome, BlockStatus status) =>
        Head.Raise(Head.Hooks.AttemptEnded, new AttemptEndedArgs(bio, path, outcome, status));

    private void RaiseBioEnded(Bio bio, BlockStatus status) => Head.Raise(Head.Hooks.BioEnded, new BioEndedArgs(bio, status));

    private void RaiseFailedOver(Bio bio, MpathDevice path, BlockStatus status)
    {
        if (Head.Hooks.FailedOver.IsAttached)
        {
            Head.Raise(Head.Hooks.FailedOver, new FailedOverArgs(bio, path, status));
        }

        if (Head.Hooks.BioRequeued.IsAttached)
        {
            Head.Raise(Head.Hooks.BioRequeued, new BioRequeuedArgs(bio));
        }
    }
}
