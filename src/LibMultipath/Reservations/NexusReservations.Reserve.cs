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

        bool mayBeDone = false;
        PrStatus status = PrStatus.NoPath;
        foreach (MpathDevice path in PathsInLine())
        {
            status = Commands.Reserve(path, key, type);
            if (status == PrStatus.Success)
            {
                Reserved(path, type);
            }
            else if (status == PrStatus.ReservationConflict)
            {
                status = HoldsAlready(path, key, type);
            }

            if (!IsPathFailure(status))
            {
                break;
            }

            mayBeDone = true;
        }

        LookForHolderAfter(mayBeDone, status, type);
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

    public override PrStatus Clear(ulong key)
    {
        BringIntoLine();
        bool mayBeDone = false;
        PrStatus status = PrStatus.NoPath;
        foreach (MpathDevice path in PathsInLine())
        {
            status = Commands.Clear(path, key);
            if (mayBeDone && status != PrStatus.Success && LacksKey(path, key))
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
            EndKey();
        }

        return status;
    }

    private void Reserved(MpathDevice path, PrType type)
    {
        if (type.IsHolderOnly())
        {
            SetHolder(path);
        }
        else
        {
            EndHolder();
        }
    }

    /// <summary>A path refuses a reservation: no conflict, if another path of ours has it.</summary>
    private PrStatus HoldsAlready(MpathDevice path, ulong key, PrType type)
    {
        // Not of a type that all registrants hold: there a refusal means that the path is not one.
        if (key != Key || type.IsAllRegistrants())
        {
            return PrStatus.ReservationConflict;
        }

        PrStatus status = Commands.ReadReservation(path, out PrReservation? reservation);
        if (status != PrStatus.Success)
        {
            return status;
        }

        if (!IsOurs(reservation) || reservation!.Type != type)
        {
            return PrStatus.ReservationConflict;
        }

        // A path that failed just now may have got it; of a type for the holder only, that must be one that is used.
        return type.IsHolderOnly() && _holder is null ? PreemptOwn(Key, type, abort: false, out _) : PrStatus.Success;
    }

    /// <summary>Releases on every path, because any of them may hold it; and if one that cannot be asked does, without it.</summary>
    private PrStatus ReleaseOurs(PrType type)
    {
        foreach (MpathDevice path in PathsInLine())
        {
            PrStatus released = Commands.Release(path, Key, type);
            if (released == PrStatus.Success && type.IsAllRegistrants())
            {
                // All of them held it, and one was enough.
                EndHolder();
                return released;
            }

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
                status = TakeAndRelease(type);
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

    private PrStatus TakeAndRelease(PrType type)
    {
        PrStatus status = TryHold() ? PrStatus.Success : PrStatus.RetryPathFailure;
        for (int tries = 0; status == PrStatus.Success && tries < MaxTries; tries++)
        {
            status = PreemptOwn(Key, type, abort: false, out MpathDevice? holder);
            if (status != PrStatus.Success || holder is null)
            {
                break;
            }

            status = Commands.Release(holder, Key, type);
            if (!IsPathFailure(status))
            {
                break;
            }

            // It may have been done.
            RegisterWaiting();
            if (ReadReservation(out PrReservation? reservation) == PrStatus.Success)
            {
                status = PrStatus.Success;
                if (!IsOurs(reservation))
                {
                    break;
                }
            }
        }

        LookForHolderAfter(mayBeDone: true, status, type);
        return status;
    }
}
