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

    // Keys that a path takes for a moment: they are known again if the process ends in it.
    private const ulong Passing = 0x6d70_6174_6800_0000; // "mpath"

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
            else
            {
                if (MayBeDone(status))
                {
                    AddStrayKey(newKey);
                }

                if (!IsPathFailure(status) || IsInLine(path))
                {
                    return GiveUp(path, done, oldKey, newKey, status);
                }
            }
        }

        if (done.Count == 0)
        {
            return status;
        }

        Key = newKey;
        _strayKeys.Remove(newKey);
        _keyIsKnown = true;
        if (before == 0)
        {
            // Who holds a reservation, it is not us, unless a path had another key.
            EndHolder();
            if (ignoreKey)
            {
                LookWhetherItHolds(done[0]);
            }
        }

        // A path that failed may have done it, and later than a preempt that took the key from the others.
        if (paths.Count > 1 && !StillHasKey(done))
        {
            Undo(done, newKey, 0);
            Lost();
        }
        else if (before != 0 && before != newKey)
        {
            AddStrayKey(before);
            if (!TrySettleStrayKeys())
            {
                TryLater();
            }
        }

        if (_holderIsUnknown)
        {
            tryLater();
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
        if (status == PrStatus.ReservationConflict && Key != 0 && oldKey == Key && LacksKey(path, Key))
        {
            // The key that it was to take the place of was there, and is gone: somebody has taken it away.
            Undo(done, newKey, 0);
            Lost();
            return status;
        }

        if (MayBeDone(status))
        {
            KeepBack(path);
        }

        Undo(done, newKey, Key);
        return status;
    }

    private void Undo(List<MpathDevice> done, ulong newKey, ulong before)
    {
        foreach (MpathDevice path in done)
        {
            PrStatus status = Commands.Register(path, newKey, before);
            if (status != PrStatus.Success && (before != 0 || status != PrStatus.ReservationConflict))
            {
                AddStrayKey(newKey);
                KeepBack(path);
            }
        }
    }

    /// <summary>Whether a command that failed was perhaps carried out all the same.</summary>
    private static bool MayBeDone(PrStatus status) => IsPathFailure(status) || status == PrStatus.IoError;

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

    /// <summary>A path that cannot be asked may have this key in the place of the disk's.</summary>
    private void AddStrayKey(ulong key)
    {
        // Without a key of our own there is nothing to settle it with: such a path loses what it has when it comes back.
        if (Key != 0 && key != Key && !_strayKeys.Contains(key))
        {
            _strayKeys.Add(key);
        }
    }

    /// <summary>
    /// Takes what paths that could not be asked have under other keys of ours: registrations, and the reservation. Until that is
    /// done, or there are none, those keys count as ours.
    /// </summary>
    private bool TrySettleStrayKeys()
    {
        while (_strayKeys is [.., ulong key])
        {
            if (!TrySettle(key))
            {
                return false;
            }

            _strayKeys.Remove(key);
        }

        return true;
    }

    private bool TrySettle(ulong strayKey)
    {
        foreach (MpathDevice path in PathsInLine())
        {
            if (LacksKey(path, strayKey))
            {
                return true;
            }

            if (Commands.ReadReservation(path, out PrReservation? reservation) != PrStatus.Success)
            {
                continue;
            }

            if (!TryHold())
            {
                return false;
            }

            bool takes = reservation?.Key == strayKey && reservation.Type.IsHolderOnly();
            PrStatus status = Commands.Preempt(path, Key, strayKey, reservation?.Type ?? PrType.WriteExclusive, abort: false);
            _holderIsUnknown |= takes;
            if (!IsPathFailure(status))
            {
                // A conflict: it is gone meanwhile, or this path's own key is, which will be seen.
                return true;
            }
        }

        return false;
    }

    private PrStatus Unregister(List<MpathDevice> paths)
    {
        // Unless there is certainly no reservation, a path that has lost its key may meet one.
        bool isFree = Commands.ReadReservation(paths[0], out PrReservation? reservation) == PrStatus.Success && reservation is null;
        if (!isFree && !TryHold())
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
            else if (!IsPathFailure(status) || IsInLine(path))
            {
                // They are registered again as paths that return are, if the key is still ours.
                KeepBack(path);
                done.ForEach(KeepBack);
                if (IsOurs(reservation))
                {
                    Commands.Reserve(paths[0], Key, reservation!.Type);
                    _holderIsUnknown = reservation.Type.IsHolderOnly();
                }

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

            if (!IsPathFailure(status) || IsInLine(path))
            {
                break;
            }
        }

        if (status == PrStatus.Success)
        {
            EndKey();
        }
        else if (status == PrStatus.ReservationConflict)
        {
            Lost();
        }

        return status;
    }

    private PrStatus EndAll(MpathDevice path, PrKeys keys)
    {
        // A path that went down in the middle of this may have left the key that it took for a moment.
        ulong[] leftBehind = [.. keys.Keys.Where(IsPassing).Distinct()];
        int own = keys.Keys.Count(key => key == Key);
        PrStatus status = Commands.Register(path, Key, 0);
        if (leftBehind.Length == 0 && own <= 1 && (status != PrStatus.ReservationConflict || own == 0))
        {
            return status;
        }

        if (status is not (PrStatus.Success or PrStatus.ReservationConflict))
        {
            return status;
        }

        ulong passing = FreeKey(keys);
        status = Commands.Register(path, 0, passing, ignoreKey: true);
        foreach (ulong key in leftBehind.Append(Key))
        {
            if (status == PrStatus.Success)
            {
                status = Commands.ReadReservation(path, out PrReservation? reservation);
                if (status == PrStatus.Success)
                {
                    // A conflict: that key is gone already.
                    status = Commands.Preempt(path, passing, key, reservation?.Type ?? PrType.WriteExclusive, abort: false);
                    status = status == PrStatus.ReservationConflict ? PrStatus.Success : status;
                }
            }
        }

        PrStatus ended = Commands.Register(path, passing, 0);
        return status != PrStatus.Success ? status : ended;
    }

    private static bool IsPassing(ulong key) => (key & ~0xffUL) == Passing;

    private static ulong FreeKey(PrKeys keys)
    {
        ulong key = Passing;
        while (keys.Keys.Contains(key))
        {
            key++;
        }

        return key;
    }

    /// <summary>
    /// After a preempt of our own key the paths that have lost theirs get it again, unless somebody takes it away now: only the
    /// path that preempted can tell.
    /// </summary>
    private void RegisterOthers(MpathDevice survivor)
    {
        var done = new List<MpathDevice>();
        bool mayBeDone = false;
        foreach (MpathDevice path in PathsInLine())
        {
            if (ReferenceEquals(path, survivor))
            {
                continue;
            }

            PrStatus registered = Commands.Register(path, 0, Key, ignoreKey: true);
            if (registered == PrStatus.Success)
            {
                done.Add(path);
            }
            else
            {
                // One that fails may have done it all the same.
                mayBeDone |= IsPathFailure(registered);
                KeepBack(path);
            }
        }

        PrStatus status = done.Count == 0 && !mayBeDone ? PrStatus.Success : Commands.Register(survivor, Key, Key);
        if (status == PrStatus.Success)
        {
            return;
        }

        Undo(done, Key, 0);
        if (status == PrStatus.ReservationConflict)
        {
            Lost();
        }
        else
        {
            done.ForEach(KeepBack);
        }
    }
}
