using LibMultipath.Paths;

namespace LibMultipath.Reservations;

// A preempt of our own key makes the path that does it the holder, and takes the keys of our other paths.
internal sealed partial class NexusReservations
{
    public override PrStatus Preempt(ulong key, ulong victim, PrType type, bool abort)
    {
        BringIntoLine();
        if (PathsInLine().Count == 0)
        {
            return PrStatus.NoPath;
        }

        bool own = key == Key && Key != 0 && (victim == Key || victim == 0);
        if ((own || type.IsHolderOnly()) && !TryHold())
        {
            return PrStatus.RetryPathFailure;
        }

        return own ? PreemptOwn(victim, type, abort, out _) : PreemptOthers(key, victim, type, abort);
    }

    /// <summary>
    /// Preempts our own key, or, with a victim of 0, all keys, and gives our other paths theirs again. I/O is held. A path that
    /// fails in the middle may have carried it out: then the others are registered again before the next one tries.
    /// </summary>
    /// <param name="victim">Our key, or 0.</param>
    /// <param name="type">The type from then on.</param>
    /// <param name="abort">Whether commands are aborted.</param>
    /// <param name="holder">The path that did it; null if that has ended our registration.</param>
    private PrStatus PreemptOwn(ulong victim, PrType type, bool abort, out MpathDevice? holder)
    {
        holder = null;
        PrStatus status = PrStatus.NoPath;
        for (int tries = 0; tries < MaxTries && PathsInLine() is [var path, ..]; tries++)
        {
            status = Commands.Preempt(path, Key, victim, type, abort);
            if (status == PrStatus.Success)
            {
                AfterPreemptOfOurs(path, type);
                holder = Key == 0 ? null : path;
                return status;
            }

            if (!IsPathFailure(status) && (status != PrStatus.ReservationConflict || _holder is null && !_holderIsUnknown))
            {
                return status;
            }

            if (IsPathFailure(status))
            {
                SuspectAll();
            }
            else
            {
                KeepBack(path);
            }

            RegisterWaiting();
            if (Key == 0)
            {
                return PrStatus.ReservationConflict;
            }

            victim = Key;
        }

        return status;
    }

    private void AfterPreemptOfOurs(MpathDevice path, PrType type)
    {
        if (Commands.Register(path, Key, Key) == PrStatus.ReservationConflict)
        {
            // There was no reservation of ours to take: then the path's own registration goes with the rest.
            Lost();
            return;
        }

        if (type.IsHolderOnly())
        {
            SetHolder(path);
        }
        else
        {
            EndHolder();
        }

        RegisterOthers(path);
    }

    private PrStatus PreemptOthers(ulong key, ulong victim, PrType type, bool abort)
    {
        bool mayBeDone = false;
        PrStatus status = PrStatus.NoPath;
        foreach (MpathDevice path in PathsInLine())
        {
            bool done = mayBeDone && LacksKey(path, victim) && HasKey(path, key);
            status = done ? PrStatus.Success : Commands.Preempt(path, key, victim, type, abort);
            if (!IsPathFailure(status))
            {
                break;
            }

            mayBeDone = true;
        }

        // Which path got a reservation for the holder only is known if one did it, and the disk had none.
        if (status == PrStatus.Success && type.IsHolderOnly() && _holder is null)
        {
            _holderIsUnknown = true;
            return TryMoveHolder() ? status : PrStatus.RetryPathFailure;
        }

        LookForHolderAfter(mayBeDone, status, type);
        return status;
    }

    // A path that has failed may have got a reservation for the holder only.
    private void LookForHolderAfter(bool mayBeDone, PrStatus status, PrType type)
    {
        if (mayBeDone && status != PrStatus.Success && type.IsHolderOnly())
        {
            _holderIsUnknown = true;
            tryLater();
        }
    }

    private bool HasKey(MpathDevice path, ulong key) =>
        Commands.ReadKeys(path, out PrKeys keys) == PrStatus.Success && keys.Keys.Contains(key);

    private bool LacksKey(MpathDevice path, ulong key) =>
        Commands.ReadKeys(path, out PrKeys keys) == PrStatus.Success && !keys.Keys.Contains(key);
}
