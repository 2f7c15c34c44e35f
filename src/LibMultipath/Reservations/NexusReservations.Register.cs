using LibMultipath.Paths;

namespace LibMultipath.Reservations;

// Registrations are made on all paths, or on none.
internal sealed partial class NexusReservations
{
    public override PrStatus Register(ulong oldKey, ulong newKey, bool ignoreKey)
    {
        BringIntoLine();
        List<MpathDevice> paths = PathsInLine();
        if (paths.Count == 0)
        {
            return PrStatus.NoPath;
        }

        if (newKey != 0)
        {
            return RegisterAll(paths, oldKey, newKey, ignoreKey);
        }

        // Where one device would refuse, or there is nothing to end, the device answers for itself.
        if (Key == 0 || (oldKey != Key && !ignoreKey))
        {
            return Commands.Register(paths[0], oldKey, newKey, ignoreKey);
        }

        PrStatus status = Unregister(paths);
        return ignoreKey && status == PrStatus.ReservationConflict ? PrStatus.Success : status;
    }

    private PrStatus RegisterAll(List<MpathDevice> paths, ulong oldKey, ulong newKey, bool ignoreKey)
    {
        ulong before = Key;
        var done = new List<MpathDevice>();
        PrStatus status = PrStatus.NoPath;
        foreach (MpathDevice path in paths)
        {
            status = Commands.Register(path, oldKey, newKey, ignoreKey);
            if (status == PrStatus.ReservationConflict && done.Count > 0)
            {
                status = Settle(path, oldKey, newKey, ignoreKey);
            }

            if (status == PrStatus.Success)
            {
                done.Add(path);
            }
            else if (!IsPathFailure(status) || path.IsReachable)
            {
                return GiveUp(path, done, oldKey, newKey, status);
            }
        }

        if (done.Count == 0)
        {
            return status;
        }

        Key = newKey;
        _keyIsKnown = true;
        if (done.Count > 1 && !StillHasKey(done))
        {
            Undo(done, newKey, 0);
            Lost();
        }
        else if (before != 0 && before != newKey)
        {
            TakeOverFrom(done[0], before);
        }

        return PrStatus.Success;
    }

    /// <summary>A path refuses what another one has done.</summary>
    private PrStatus Settle(MpathDevice path, ulong oldKey, ulong newKey, bool ignoreKey)
    {
        // The target registers all its ports at once, or two paths are one to it.
        PrStatus status = Commands.Register(path, newKey, newKey);
        return status == PrStatus.ReservationConflict && (oldKey == 0 || ignoreKey || oldKey != Key)
            ? Commands.Register(path, 0, newKey, ignoreKey: true)
            : status;
    }

    /// <summary>A registration could not be made on all paths.</summary>
    private PrStatus GiveUp(MpathDevice path, List<MpathDevice> done, ulong oldKey, ulong newKey, PrStatus status)
    {
        if (status == PrStatus.ReservationConflict && Key != 0 && oldKey == Key && !HasKey(path, Key))
        {
            // The key that it was to take the place of was there, and is gone: somebody has taken it away.
            Undo(done, newKey, 0);
            Lost();
            return status;
        }

        if (IsPathFailure(status) || status == PrStatus.IoError)
        {
            // Whether it was carried out there, nobody knows.
            KeepBack(path);
        }

        Undo(done, newKey, Key);
        return status;
    }

    private void Undo(List<MpathDevice> done, ulong newKey, ulong before)
    {
        foreach (MpathDevice path in done)
        {
            if (Commands.Register(path, newKey, before) != PrStatus.Success && before != 0)
            {
                KeepBack(path);
            }
        }
    }

    /// <summary>Whether the first of these that can be asked still has the key: then all of them have it.</summary>
    private bool StillHasKey(List<MpathDevice> registered)
    {
        foreach (MpathDevice path in registered)
        {
            PrStatus status = Commands.Register(path, Key, Key);
            if (status is PrStatus.Success or PrStatus.ReservationConflict)
            {
                return status == PrStatus.Success;
            }
        }

        return true;
    }

    /// <summary>Takes what paths that could not be asked have under a key that was ours before: registrations, and the reservation.</summary>
    private void TakeOverFrom(MpathDevice path, ulong before)
    {
        if (Commands.ReadKeys(path, out PrKeys keys) != PrStatus.Success || !keys.Keys.Contains(before))
        {
            return;
        }

        Commands.ReadReservation(path, out PrReservation? reservation);
        PrType type = reservation?.Type ?? PrType.WriteExclusive;
        if (Commands.Preempt(path, Key, before, type, abort: false) == PrStatus.Success && reservation?.Key == before && type.IsHolderOnly())
        {
            SetHolder(path);
        }
    }

    private PrStatus Unregister(List<MpathDevice> paths)
    {
        Commands.ReadReservation(paths[0], out PrReservation? reservation);
        if (IsOurs(reservation) && !TryHold())
        {
            return PrStatus.RetryPathFailure;
        }

        var done = new List<MpathDevice>();
        for (int left = paths.Count; left > 1; left--)
        {
            MpathDevice path = paths[left - 1];
            PrStatus status = Commands.Register(path, Key, 0);
            if (status is PrStatus.Success or PrStatus.ReservationConflict)
            {
                done.Add(path);
            }
            else if (!IsPathFailure(status) || path.IsReachable)
            {
                RegisterAgain(done);
                return status;
            }
        }

        return EndLast([paths[0], .. done]);
    }

    /// <summary>
    /// Ends the last registration, and those of paths that cannot be asked: a path that takes another key for that moment
    /// can preempt them, whether one of them holds the reservation or not.
    /// </summary>
    private PrStatus EndLast(List<MpathDevice> paths)
    {
        PrStatus status = PrStatus.NoPath;
        foreach (MpathDevice path in paths)
        {
            status = Commands.ReadKeys(path, out PrKeys keys);
            if (status == PrStatus.Success)
            {
                status = EndAll(path, keys);
            }

            if (!IsPathFailure(status) || path.IsReachable)
            {
                break;
            }
        }

        if (status == PrStatus.Success)
        {
            Key = 0;
            EndHolder();
        }
        else if (status == PrStatus.ReservationConflict)
        {
            Lost();
        }

        return status;
    }

    private PrStatus EndAll(MpathDevice path, PrKeys keys)
    {
        int own = keys.Keys.Count(key => key == Key);
        if (own <= 1 && Commands.Register(path, Key, 0) is var status && (status != PrStatus.ReservationConflict || own == 0))
        {
            return status;
        }

        ulong passing = FreeKey(keys);
        Commands.ReadReservation(path, out PrReservation? reservation);
        status = Commands.Register(path, 0, passing, ignoreKey: true);
        if (status == PrStatus.Success)
        {
            PrStatus taken = Commands.Preempt(path, passing, Key, reservation?.Type ?? PrType.WriteExclusive, abort: false);
            status = Commands.Register(path, passing, 0);
            if (IsPathFailure(taken))
            {
                return taken;
            }
        }

        return status;
    }

    private static ulong FreeKey(PrKeys keys)
    {
        ulong key = 1;
        while (keys.Keys.Contains(key))
        {
            key++;
        }

        return key;
    }

    private void RegisterAgain(List<MpathDevice> paths)
    {
        foreach (MpathDevice path in paths)
        {
            if (Commands.Register(path, 0, Key) != PrStatus.Success)
            {
                KeepBack(path);
            }
        }
    }

    /// <summary>After a preempt of our own key: the paths that have lost theirs get it again, unless somebody takes it away now.</summary>
    private void RegisterOthers(MpathDevice survivor)
    {
        var done = new List<MpathDevice> { survivor };
        foreach (MpathDevice path in PathsInLine())
        {
            if (ReferenceEquals(path, survivor))
            {
                continue;
            }

            if (Commands.Register(path, 0, Key, ignoreKey: true) == PrStatus.Success)
            {
                done.Add(path);
            }
            else
            {
                KeepBack(path);
            }
        }

        if (!StillHasKey(done))
        {
            Undo(done, Key, 0);
            Lost();
        }
    }
}
