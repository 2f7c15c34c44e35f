using LibMultipath.Paths;

namespace LibMultipath.Reservations;

// One of the registrations holds the reservation; to the disk it is the same, whichever.
internal sealed partial class NexusReservations
{
    public override PrStatus Reserve(ulong key, PrType type)
    {
        BringIntoLine();
        if (type.IsHolderOnly() && !TryHold())
        {
            return PrStatus.RetryPathFailure;
        }

        PrStatus status = PrStatus.NoPath;
        foreach (MpathDevice path in PathsInLine())
        {
            status = Commands.Reserve(path, key, type);
            if (status == PrStatus.Success && type.IsHolderOnly())
            {
                SetHolder(path);
            }

            if (status == PrStatus.ReservationConflict && HoldsAlready(path, key, type))
            {
                // A path that failed just now may have got it; of a type for the holder only, that must be one that is used.
                status = type.IsHolderOnly() && _holder is null ? TakeOver(path, type) : PrStatus.Success;
            }

            if (!IsPathFailure(status))
            {
                break;
            }
        }

        return status;
    }

    public override PrStatus Release(ulong key, PrType type)
    {
        BringIntoLine();
        PrStatus status = PrStatus.NoPath;
        foreach (MpathDevice path in PathsInLine())
        {
            status = Commands.ReadReservation(path, out PrReservation? reservation);
            if (status == PrStatus.Success)
            {
                return key == Key && IsOurs(reservation)
                    ? reservation!.Type == type ? ReleaseOurs(type) : PrStatus.ReservationConflict
                    : Commands.Release(path, key, type);
            }

            if (!IsPathFailure(status))
            {
                break;
            }
        }

        return status;
    }

    public override PrStatus Preempt(ulong key, ulong victim, PrType type, bool abort)
    {
        BringIntoLine();
        List<MpathDevice> paths = PathsInLine();
        if (paths.Count == 0)
        {
            return PrStatus.NoPath;
        }

        // What takes our key from our other paths as well.
        bool own = key == Key && Key != 0 && (victim == Key || victim == 0);
        if ((own || type.IsHolderOnly()) && !TryHold())
        {
            return PrStatus.RetryPathFailure;
        }

        bool mayBeDone = false;
        PrStatus status = PrStatus.NoPath;
        foreach (MpathDevice path in paths)
        {
            if (mayBeDone && !HasKey(path, victim) && HasKey(path, key))
            {
                status = PrStatus.Success;
            }
            else
            {
                if (mayBeDone && own && HasKey(path, key))
                {
                    // The path that failed had it carried out, so this one lost its registration; nobody else took it.
                    Commands.Register(path, 0, key, ignoreKey: true);
                }

                status = Commands.Preempt(path, key, victim, type, abort);
            }

            if (!IsPathFailure(status))
            {
                AfterPreempt(path, own, type, status);
                break;
            }

            mayBeDone = true;
        }

        return status;
    }

    public override PrStatus Clear(ulong key)
    {
        BringIntoLine();
        bool mayBeDone = false;
        PrStatus status = PrStatus.NoPath;
        foreach (MpathDevice path in PathsInLine())
        {
            status = Commands.Clear(path, key);
            if (status == PrStatus.ReservationConflict && mayBeDone && !HasKey(path, key))
            {
                status = PrStatus.Success;
            }

            if (!IsPathFailure(status))
            {
                break;
            }

            mayBeDone = true;
        }

        if (status == PrStatus.Success)
        {
            Key = 0;
            _keyIsKnown = true;
            EndHolder();
        }

        return status;
    }

    // Not of a type that all registrants hold: there a refusal means that the path is not one.
    private bool HoldsAlready(MpathDevice path, ulong key, PrType type) =>
        key == Key && !type.IsAllRegistrants()
        && Commands.ReadReservation(path, out PrReservation? reservation) == PrStatus.Success
        && IsOurs(reservation) && reservation!.Type == type;

    private bool HasKey(MpathDevice path, ulong key) =>
        Commands.ReadKeys(path, out PrKeys keys) == PrStatus.Success && keys.Keys.Contains(key);

    /// <summary>Releases on every path, because any of them may hold it; and if one that cannot be asked does, without it.</summary>
    private PrStatus ReleaseOurs(PrType type)
    {
        foreach (MpathDevice path in PathsInLine())
        {
            PrStatus released = Commands.Release(path, Key, type);
            if (released != PrStatus.Success && (!IsPathFailure(released) || path.IsReachable))
            {
                return released;
            }
        }

        PrStatus status = PrStatus.NoPath;
        foreach (MpathDevice path in PathsInLine())
        {
            status = Commands.ReadReservation(path, out PrReservation? reservation);
            if (status == PrStatus.Success && IsOurs(reservation))
            {
                status = TakeAndRelease(path, type);
            }

            if (!IsPathFailure(status))
            {
                break;
            }
        }

        if (status == PrStatus.Success)
        {
            EndHolder();
        }

        return status;
    }

    /// <summary>Makes a path hold the reservation that another one of ours has.</summary>
    private PrStatus TakeOver(MpathDevice path, PrType type)
    {
        PrStatus status = Commands.Preempt(path, Key, Key, type, abort: false);
        if (status == PrStatus.Success)
        {
            SetHolder(path);
            RegisterOthers(path);
        }

        return status;
    }

    private PrStatus TakeAndRelease(MpathDevice path, PrType type)
    {
        if (!TryHold())
        {
            return PrStatus.RetryPathFailure;
        }

        PrStatus status = Commands.Preempt(path, Key, Key, type, abort: false);
        if (status == PrStatus.Success)
        {
            status = Commands.Release(path, Key, type);
            RegisterOthers(path);
        }

        return status;
    }

    private void AfterPreempt(MpathDevice path, bool own, PrType type, PrStatus status)
    {
        if (status != PrStatus.Success)
        {
            return;
        }

        if (own)
        {
            if (Commands.Register(path, Key, Key) == PrStatus.ReservationConflict)
            {
                // There was no reservation of ours to take: then the path's own registration goes with the rest.
                Lost();
                return;
            }

            RegisterOthers(path);
        }

        // One that it had before, and that was not preempted, is still where it was.
        if (_holder is not null && !own)
        {
            return;
        }

        if (type.IsHolderOnly() && (own || (ReadReservation(out PrReservation? reservation) == PrStatus.Success && IsOurs(reservation))))
        {
            SetHolder(path);
        }
        else
        {
            EndHolder();
        }
    }
}
