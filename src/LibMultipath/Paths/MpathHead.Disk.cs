using System.Runtime.ExceptionServices;

namespace LibMultipath.Paths;

public sealed partial class MpathHead
{
    private IMpathHeadDisk? _disk;

    /// <summary>Whether I/O may go on through any path one day, or waits although there is none (<c>nvme_available_path</c>).</summary>
    /// <remarks>False when there is no live disk. Cost: linear in the number of paths; only asked when none is usable.</remarks>
    public bool IsAvailable
    {
        get
        {
            if (Volatile.Read(ref _disk) is not { IsLive: true })
            {
                return false;
            }

            using (Srcu.Enter())
            {
                // What paths promise counts no more when it has been in vain for too long; one that works now is a promise kept.
                bool expired = _fastFail.IsExpired;
                foreach (MpathDevice path in PathList)
                {
                    if ((path.WorksButIsKeptBack && !path.AdmissionFailed)
                        || ((!expired || path.IsUsable) && !path.IsRemoved && Template.AvailablePath(path)))
                    {
                        return true;
                    }
                }
            }

            return QueuesWithoutPath && !_fastFail.IsExpired;
        }
    }

    /// <summary>Asks for the I/O that waits to be tried again (<c>kblockd_schedule_work(requeue_work)</c>).</summary>
    public void ScheduleRequeue() => Volatile.Read(ref _disk)?.ScheduleRequeue();

    internal void AttachDisk(IMpathHeadDisk disk)
    {
        if (Interlocked.CompareExchange(ref _disk, disk, null) is not null)
        {
            throw new InvalidOperationException($"{Name} has a disk already; it has to be removed first.");
        }
    }

    internal void DetachDisk(IMpathHeadDisk disk) => Interlocked.CompareExchange(ref _disk, null, disk);

    internal void RemoveDisk() => Volatile.Read(ref _disk)?.Remove();

    /// <summary>A path is about to change: what is known of failed paths is worth nothing then.</summary>
    internal void CountPathChange() => Interlocked.Increment(ref _generation);

    /// <summary>The state of a path has changed: does what has to follow. Blocks for a grace period.</summary>
    internal void OnPathChanged(MpathDevice path)
    {
        // A driver may learn something about a path that has been removed, when the head is gone too.
        if (path.IsRemoved || !TryGet())
        {
            return;
        }

        try
        {
            FollowPathChange(path);
        }
        finally
        {
            Tell(HeadChange.PathState, path);
            Put();
        }
    }

    /// <summary>As <see cref="OnPathChanged"/>, for several paths: what one of them throws does not keep it from the others.</summary>
    internal static void OnPathsChanged(IEnumerable<MpathDevice> paths)
    {
        var faults = new List<Exception>();
        foreach (MpathDevice path in paths)
        {
            try
            {
                path.Head.OnPathChanged(path);
            }
            catch (Exception fault)
            {
                faults.Add(fault);
            }
        }

        if (faults.Count == 1)
        {
            ExceptionDispatchInfo.Throw(faults[0]);
        }
        else if (faults.Count > 1)
        {
            throw new AggregateException(faults);
        }
    }

    /// <summary>The policy was set.</summary>
    /// <param name="old">What it was.</param>
    /// <param name="selector">What it is.</param>
    /// <param name="here">What selects so here.</param>
    internal void OnPolicyChanged(PathSelector old, PathSelector selector, PathSelector here)
    {
        TakePolicy(selector, here);

        // Cleared when nobody selects in the old way any more, or its last choice would stay current for the new one.
        Srcu.Synchronize();
        ClearAllCurrentPaths();
        ScheduleRequeue();
        if (Hooks.PolicyChanged.IsAttached)
        {
            Raise(Hooks.PolicyChanged, new PolicyChangedArgs(this, old, selector));
        }

        Tell(HeadChange.Policy);
    }

    private void FollowPathChange(MpathDevice path)
    {
        CountPathChange();
        if (Hooks.PathStateChanged.IsAttached)
        {
            Raise(Hooks.PathStateChanged, new PathStateChangedArgs(path));
        }

        Volatile.Read(ref _admission)?.PathChanged();
        if (path.IsUsable && Volatile.Read(ref _disk) is { } disk)
        {
            disk.SetLive(path);
            return;
        }

        // I/O that found no path is on the list by the end of its read section, and is seen by the requeue work.
        Srcu.Synchronize();
        ScheduleRequeue();
    }
}
