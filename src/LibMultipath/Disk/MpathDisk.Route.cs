using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Reclamation;

namespace LibMultipath.Disk;

// The way of a bio to a path (nvme_ns_head_submit_bio). The path is selected inside a read section of the head. Before
// the section ends, the attempt begins a section of the path, which lasts until the driver gives the bio back: so the
// path cannot go, and the driver, and whatever a completion calls, run outside of the head's section.
public sealed partial class MpathDisk
{
    /// <summary>Carries out a bio that keeps to the limits.</summary>
    internal override void Route(Bio bio, DiskShape shape)
    {
        MpathIo io = MpathIo.Of(bio);
        if ((bio.Flags & BioFlags.Mpath) != 0)
        {
            RouteAgain(bio, io, shape);
            return;
        }

        MpathHead head = Head;
        io.Restart();
        bio.Flags |= BioFlags.Mpath;
        SrcuSection section = head.Srcu.Enter();
        if (head.Hooks.BioSubmitted.IsAttached)
        {
            RaiseBioSubmitted(bio);
        }

        io.Generation = head.Generation;
        PathSelector selector = head.Selector;
        MpathDevice? path = selector.Select(head, head.CurrentNode, bio);
        if (path is null)
        {
            CountSubmission(bio);
            WaitForPath(bio, section);
            return;
        }

        if (!ReferenceEquals(shape, Shape))
        {
            CountSubmission(bio);
            section.Dispose();
            StartAnew(bio);
            return;
        }

        BeginAttempt(bio, io, path, selector);
        int counter = IoCounters.IndexOf(bio.Op);
        section.DisposeAndCount(counter, 1, counter + 1, bio.Size);
        StartAttempt(bio, io, path);
    }

    internal override void Defer(Bio bio) => RaiseIfTaken(bio);

    internal override void StartUnusual(Bio bio)
    {
        RaiseIfTaken(bio);
        base.StartUnusual(bio);
    }

    // What the disk was when it was begun is over, and what that has made of its flags.
    private void StartAnew(Bio bio)
    {
        bio.RestoreFlags();
        Start(bio);
    }

    /// <summary>Another try at a bio that a path has given back, or that has waited for one.</summary>
    private void RouteAgain(Bio bio, MpathIo io, DiskShape shape)
    {
        MpathHead head = Head;
        SrcuSection section = head.Srcu.Enter();
        io.Generation = head.Generation;
        PathSelector selector = head.Selector;
        MpathDevice? retry = io.TakeRetryPath();
        MpathDevice? path = retry is { IsUsable: true } ? retry : selector.Select(head, head.CurrentNode, bio);
        if (path is not null && io.HasEverFailedOn(path) && !ReferenceEquals(path, retry))
        {
            path = FindNeverFailed(io) ?? path;
        }

        if (path is not null && io.HasFailedOn(path, head.Generation))
        {
            path = FindUntried(io);
            if (path is null)
            {
                // Every usable path has failed it, and none has changed since: it is not the paths.
                section.Dispose();
                End(bio, io.LastError);
                return;
            }
        }

        if (path is null)
        {
            WaitForPath(bio, section);
            return;
        }

        if (!ReferenceEquals(shape, Shape))
        {
            section.Dispose();
            StartAnew(bio);
            return;
        }

        BeginAttempt(bio, io, path, selector);
        section.Dispose();
        StartAttempt(bio, io, path);
    }

    /// <summary>
    /// As <see cref="FindUntried"/>, of the paths that have not failed the bio at all, changed or not since. A path that comes
    /// back again and again, and fails it each time, does not have it for ever while another one works.
    /// </summary>
    private MpathDevice? FindNeverFailed(MpathIo io)
    {
        MpathDevice? fallback = null;
        foreach (MpathDevice path in Head.PathList)
        {
            if (!path.IsUsable || io.HasEverFailedOn(path))
            {
                continue;
            }

            if (path.AccessState == MpathAccessState.Optimized)
            {
                return path;
            }

            fallback ??= path;
        }

        if (fallback is null)
        {
            io.ForgetFailures();
        }

        return fallback;
    }

    /// <summary>The first optimized path, else the first usable one, that has not failed the bio.</summary>
    private MpathDevice? FindUntried(MpathIo io)
    {
        // In this order: a path that has come since the list was read does not count, one that is in it is not taken
        // for another one that had its slot.
        MpathDevice[] paths = Head.PathList;
        long generation = Head.Generation;
        MpathDevice? fallback = null;
        foreach (MpathDevice path in paths)
        {
            if (!path.IsUsable || io.HasFailedOn(path, generation))
            {
                continue;
            }

            if (path.AccessState == MpathAccessState.Optimized)
            {
                return path;
            }

            fallback ??= path;
        }

        return fallback;
    }

    /// <summary>
    /// Takes hold of the path. Inside the section in which it was selected, and inside of the caller's code: the two
    /// sections then share one look-up of the thread's slots.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BeginAttempt(Bio bio, MpathIo io, MpathDevice path, PathSelector selector)
    {
        io.Path = path;
        io.Attempt = path.Attempts.ReadLock();
        SelectorNeeds needs = selector.Needs;
        if (needs != SelectorNeeds.None)
        {
            if ((needs & SelectorNeeds.Load) != 0)
            {
                io.LoadCounted = true;
                path.Controller.BeginLoad();
            }

            if (needs != SelectorNeeds.Load)
            {
                BeginMeasuring(bio, io, path, selector);
            }
        }

        if (Head.Hooks.BioRemapped.IsAttached)
        {
            RaiseBioRemapped(bio, path);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BeginMeasuring(Bio bio, MpathIo io, MpathDevice path, PathSelector selector)
    {
        io.Selector = selector;
        io.SelectTimestamp = Head.TimeProvider.GetTimestamp();
        if ((selector.Needs & SelectorNeeds.Feedback) != 0)
        {
            selector.Started(path, bio);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CountSubmission(Bio bio)
    {
        int counter = IoCounters.IndexOf(bio.Op);
        Head.Srcu.CountPair(counter, 1, counter + 1, bio.Size);
    }

    // Not of a bio that has waited, for a path or for its turn in a zone.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RaiseIfTaken(Bio bio)
    {
        if (Head.Hooks.BioTaken.IsAttached && (bio.Flags & BioFlags.Mpath) == 0 && bio.StackData is not MpathIo { Zone: not null } && !IsGone)
        {
            RaiseBioTaken(bio);
        }
    }

    // The disk and the head may both be gone by now.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RaiseBioTaken(Bio bio)
    {
        if (Head.TryGet())
        {
            Head.Raise(Head.Hooks.BioTaken, new BioSubmittedArgs(bio));
            Head.Put();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RaiseBioSubmitted(Bio bio) => Head.Hooks.BioSubmitted.Raise(new BioSubmittedArgs(bio));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RaiseBioRemapped(Bio bio, MpathDevice path)
    {
        bio.Device = path.Disk;
        Head.Hooks.BioRemapped.Raise(new BioRemappedArgs(bio, this, path.Disk, path));
    }

    private void StartAttempt(Bio bio, MpathIo io, MpathDevice path)
    {
        if (_cloner is null)
        {
            AskBackIfRemoved(path, path.Disk.StartAttempt(bio, bio));
        }
        else
        {
            StartClone(bio, io, path);
        }
    }

    /// <summary>
    /// A removal asks the attempts back once. One that had begun then, but was given to the driver only now, is asked
    /// back here: the mark of the removal is seen, because it was set before the driver was asked.
    /// </summary>
    private static void AskBackIfRemoved(MpathDevice path, BioAttempt attempt)
    {
        if (path.IsRemoved)
        {
            path.Disk.AskBack(attempt);
        }
    }

    private void StartClone(Bio bio, MpathIo io, MpathDevice path)
    {
        bio.Device = path.Disk;
        if (TryClone(bio, path) is { } clone)
        {
            clone.AppendedSector = bio.AppendedSector;
            MpathIo.Of(clone).Original = bio;
            io.BeginClone(clone);
            AskBackIfRemoved(path, path.Disk.StartAttempt(clone, bio));
            return;
        }

        if (io.Selector is not null)
        {
            EndMeasuring(bio, io, AttemptOutcome.Done, BlockStatus.Resource);
        }

        EndAttempt(bio, io, BlockStatus.Resource, cancelled: false);
    }

    private Bio? TryClone(Bio bio, MpathDevice path)
    {
        try
        {
            Bio? clone = _cloner!.CloneBio(bio, path);
            clone?.BeginSubmission(this);
            return clone;
        }
        catch (Exception exception)
        {
            ReportTemplateFault(exception, path.Name);
            return null;
        }
    }

    /// <summary>
    /// There is no usable path. The bio waits if one may come back, and fails if not. Ends the section, but not before
    /// the bio is on the list: whoever changes a path waits for the section, and then tries the list again.
    /// </summary>
    private void WaitForPath(Bio bio, SrcuSection section)
    {
        MpathHead head = Head;
        if (!IsAvailable(head))
        {
            section.Dispose();
            head.CountFailed();
            if (_noAvailablePathLimit.TryTake(out int suppressed))
            {
                Logger.NoAvailablePath(Name, suppressed);
            }

            End(bio, BlockStatus.IoError);
        }
        else if ((bio.Flags & BioFlags.NoWait) != 0)
        {
            section.Dispose();
            End(bio, BlockStatus.Again);
        }
        else
        {
            head.CountRequeued();
            if (_noUsablePathLimit.TryTake(out int suppressed))
            {
                Logger.NoUsablePath(Name, suppressed);
            }

            if (head.Hooks.BioRequeued.IsAttached)
            {
                head.Hooks.BioRequeued.Raise(new BioRequeuedArgs(bio));
            }

            PutOnRequeueList(bio);
            section.Dispose();
        }
    }

    // A template that throws has no path to offer: the bio must end all the same.
    private bool IsAvailable(MpathHead head)
    {
        try
        {
            return IsLive && head.IsAvailable;
        }
        catch (Exception exception)
        {
            ReportTemplateFault(exception, "its paths");
            return false;
        }
    }
}
