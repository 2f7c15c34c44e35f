namespace LibMultipath.Paths;

// A path that has not worked for a while, or is new, may lack what the disk's user has asked of all paths meanwhile. So
// where somebody vouches for paths, one that stops working is marked in the same step, and selection does not see it again
// before the mark is taken off.
public sealed partial class MpathDevice
{
    /// <summary>Whether it would be usable but for being kept back.</summary>
    internal bool WorksButIsKeptBack
    {
        get
        {
            PathState state = State;
            return (state & PathState.KeptBackMask) != 0 && Works(state);
        }
    }

    /// <summary>Whether I/O can go down it, or will be able to once it is let in, which is not in vain as far as is known.</summary>
    internal bool WorksOrIsKeptBack => IsUsable || (WorksButIsKeptBack && !AdmissionFailed);

    /// <summary>Whether commands other than I/O can be sent down it, whatever its access state.</summary>
    internal bool IsReachable => (State & PathState.DownMask) == 0;

    /// <summary>Whether it was tried to bring it into line, in vain, since it last stopped working.</summary>
    internal bool AdmissionFailed
    {
        get => Volatile.Read(ref field);
        set
        {
            Volatile.Write(ref field, value);
            _head?.LookWhetherAnyPathWorks();
        }
    }

    /// <summary>What <see cref="TryAdmit"/> wants to know: read before the path is brought into line.</summary>
    internal PathState Outages => State & PathState.OutageMask;

    /// <summary>It must be admitted anew. True if it had been.</summary>
    internal bool Unadmit() => Change(PathState.Unadmitted, PathState.Unadmitted);

    /// <summary>It is in line: it may be used, if nothing else is against it.</summary>
    /// <param name="outages">What <see cref="Outages"/> was before.</param>
    /// <returns>False if it has not worked meanwhile: nobody knows then whether it is in line.</returns>
    internal bool TryAdmit(PathState outages)
    {
        while (true)
        {
            var seen = (PathState)Volatile.Read(ref _state);
            if ((seen & PathState.OutageMask) != outages)
            {
                return false;
            }

            PathState wanted = seen & ~(PathState.Unadmitted | PathState.OutageMask);
            _head?.CountPathChange();
            if (Interlocked.CompareExchange(ref _state, (int)wanted, (int)seen) == (int)seen)
            {
                LookIfUsabilityChanged(seen, wanted);
                return true;
            }
        }
    }

    // Nobody would take a mark off that came after the last look of who took them off.
    private void LetInIfNobodyVouches(int state)
    {
        if (((PathState)state & PathState.Unadmitted) != 0 && _head is { NeedsAdmission: false })
        {
            Change(PathState.Unadmitted | PathState.OutageMask, 0);
        }
    }

    private void LookIfUsabilityChanged(PathState old, PathState state)
    {
        if (Works(old) != Works(state) || ((old ^ state) & PathState.KeptBackMask) != 0)
        {
            _head?.LookWhetherAnyPathWorks();
        }
    }

    // All that remains of the word is an access state with which a path can be used.
    private static bool Works(PathState state) =>
        (state & ~(PathState.KeptBackMask | PathState.OutageMask)) is PathState.UsableOptimized or PathState.UsableNonOptimized;
}
