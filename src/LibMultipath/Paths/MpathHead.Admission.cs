namespace LibMultipath.Paths;

// What keeps paths back that work: they wait to be admitted, or all I/O is held.
public sealed partial class MpathHead
{
    private IPathAdmission? _admission;
    private int _holds;

    /// <summary>Whether a path must be admitted before it is used.</summary>
    internal bool NeedsAdmission => Volatile.Read(ref _admission) is not null;

    /// <summary>From now on every path must be admitted, those that there are too.</summary>
    /// <exception cref="InvalidOperationException">Somebody vouches for the paths already.</exception>
    internal void BeginAdmission(IPathAdmission admission)
    {
        lock (_lock)
        {
            if (_admission is not null)
            {
                throw new InvalidOperationException($"The paths of {Name} are vouched for already.");
            }

            Volatile.Write(ref _admission, admission);
            foreach (MpathDevice path in _paths)
            {
                path.Unadmit();
            }
        }

        // Nobody is about to use a path that was selected before.
        Srcu.Synchronize();
        admission.PathChanged();
    }

    /// <summary>Nobody vouches any more: paths that wait are let in.</summary>
    internal void EndAdmission()
    {
        var changed = new List<MpathDevice>();
        lock (_lock)
        {
            Interlocked.Exchange(ref _admission, null);
            foreach (MpathDevice path in _paths)
            {
                if (path.SetReason(PathState.Unadmitted | PathState.OutageMask, false))
                {
                    changed.Add(path);
                }
            }
        }

        OnPathsChanged(changed);
    }

    /// <summary>
    /// Keeps I/O from every path: what comes waits, what has been given to a path is with it still. Blocks for a grace
    /// period. Holds are counted.
    /// </summary>
    internal void BeginHold()
    {
        lock (_lock)
        {
            _holds++;
            foreach (MpathDevice path in _paths)
            {
                path.SetReason(PathState.Held, true);
            }
        }

        Srcu.Synchronize();
    }

    /// <summary>Ends one hold; with the last one I/O goes on.</summary>
    internal void EndHold()
    {
        var changed = new List<MpathDevice>();
        lock (_lock)
        {
            if (--_holds == 0)
            {
                changed.AddRange(_paths.Where(path => path.SetReason(PathState.Held, false)));
            }
        }

        OnPathsChanged(changed);
    }

    /// <summary>What a new path is kept back for. Under the lock.</summary>
    private void KeepBack(MpathDevice path)
    {
        if (_admission is not null)
        {
            path.Unadmit();
        }

        path.SetReason(PathState.Held, _holds > 0);
    }
}
