using LibMultipath.Paths;

namespace LibMultipath.Reservations;

// How paths come into use: a new one, one that comes back, and all of them when the process begins.
internal sealed partial class NexusReservations
{
    // Somebody else changes registrations just then; not for ever.
    private const int MaxTries = 8;

    /// <summary>Brings every path into line that works and is not, and lets it be used.</summary>
    public void BringIntoLine()
    {
        bool all = RegisterWaiting();
        all &= TrySettleStrayKeys();

        if (_holderIsUnknown || (_holder is { IsUsable: false } holder && !holder.WorksButIsKeptBack))
        {
            all &= TryMoveHolder();
        }

        if (!all)
        {
            TryLater();
        }
    }

    /// <summary>Registers the paths that wait for it.</summary>
    private bool RegisterWaiting()
    {
        List<MpathDevice> waiting = [.. Head.PathList.Where(path => path.WorksButIsKeptBack && !IsInLine(path))];
        if (!_keyIsKnown)
        {
            Discover(waiting);
        }

        bool all = true;
        foreach (MpathDevice path in waiting)
        {
            all &= TryBringIntoLine(path);
        }

        foreach (MpathDevice path in _aside.Keys.Where(path => path.IsRemoved || !IsInLine(path)).ToArray())
        {
            _aside.Remove(path);
        }

        return all;
    }

    private bool TryBringIntoLine(MpathDevice path)
    {
        PathState outages = path.Outages;
        PrStatus status = Key == 0 ? EndRegistration(path) : RegisterReturning(path);

        // A device that knows no registrations can have lost none.
        if (status != PrStatus.Success && !(status == PrStatus.NotSupported && Key == 0))
        {
            path.AdmissionFailed = true;
            if (path.IsReachable && _notInLineLimit.TryTake(out int suppressed))
            {
                Head.Logger.NotInLine(Head.Name, path.Name, status, suppressed);
            }

            return !path.IsReachable;
        }

        if (!_holderIsUnknown && (_holder is null || ReferenceEquals(_holder, path)))
        {
            Admit(path, outages);
        }
        else
        {
            _aside[path] = outages;
        }

        return true;
    }

    /// <summary>
    /// Finds out with which key paths are registered since an earlier process: the list of keys does not say whose they are, so
    /// each is offered to each path as its own, which changes nothing where it is, and is refused where it is not. As long as
    /// nothing is found, and the user has registered nothing, every path that comes is asked: it may be the only one that has a
    /// registration.
    /// </summary>
    private void Discover(List<MpathDevice> paths)
    {
        var found = new Dictionary<ulong, List<MpathDevice>>();
        foreach (MpathDevice path in paths.ToArray())
        {
            PrStatus status = FindKey(path, out ulong key);
            if (key != 0)
            {
                (found.TryGetValue(key, out List<MpathDevice>? having) ? having : found[key] = []).Add(path);
            }
            else if (status is not (PrStatus.Success or PrStatus.NotSupported))
            {
                // What it has, it keeps until it can be asked.
                paths.Remove(path);
                path.AdmissionFailed = true;
                TryLater();
            }
        }

        if (found.Count == 0)
        {
            return;
        }

        PrReservation? reservation = null;
        if (!found.Values.SelectMany(having => having).Any(path => Commands.ReadReservation(path, out reservation) == PrStatus.Success))
        {
            paths.Clear();
            TryLater();
            return;
        }

        // More than one: the process ended while it changed its key. The one that has the reservation, else that of most paths.
        Key = reservation is not null && found.ContainsKey(reservation.Key)
            ? reservation.Key
            : found.MaxBy(pair => pair.Value.Count).Key;
        _keyIsKnown = true;
        Head.Logger.FoundRegistered(Head.Name, Key, found[Key].Count);
        FindHolder(reservation, found[Key]);

        // A path that came into use when nothing was known is not registered.
        foreach (MpathDevice path in Head.PathList)
        {
            if (!path.IsUnadmitted && !found[Key].Contains(path))
            {
                KeepBack(path);
            }
        }
    }

    private PrStatus FindKey(MpathDevice path, out ulong found)
    {
        found = 0;
        PrStatus status = Commands.ReadKeys(path, out PrKeys keys);
        foreach (ulong key in keys.Keys.Distinct())
        {
            status = Commands.Register(path, key, key);
            if (status == PrStatus.Success && IsPassing(key))
            {
                return Commands.Register(path, key, 0);
            }

            if (status != PrStatus.ReservationConflict)
            {
                found = status == PrStatus.Success ? key : 0;
                return status;
            }
        }

        return status == PrStatus.ReservationConflict ? PrStatus.Success : status;
    }

    // Reserving again changes nothing for the one that holds the reservation, and is refused to the others.
    private void FindHolder(PrReservation? reservation, List<MpathDevice> registered)
    {
        if (reservation is not null && reservation.Key == Key && reservation.Type.IsHolderOnly())
        {
            _holder = registered.Find(path => Commands.Reserve(path, Key, reservation.Type) == PrStatus.Success);
            _holderIsUnknown = _holder is null;
        }
    }

    /// <summary>A path comes back to a disk that is not registered: what it may have from before goes.</summary>
    private PrStatus EndRegistration(MpathDevice path)
    {
        PrStatus status = Commands.ReadKeys(path, out PrKeys keys);
        return status != PrStatus.Success || keys.Count == 0 ? status : Commands.Register(path, 0, 0, ignoreKey: true);
    }

    /// <summary>A path comes back to a disk that is registered, or was when last looked at.</summary>
    private PrStatus RegisterReturning(MpathDevice path)
    {
        // Nothing was changed meanwhile: the usual case.
        PrStatus status = Commands.Register(path, Key, Key);
        for (int tries = 0; status == PrStatus.ReservationConflict && tries < MaxTries; tries++)
        {
            status = Commands.ReadKeys(path, out PrKeys before);
            if (status != PrStatus.Success)
            {
                return status;
            }

            if (!before.Keys.Contains(Key))
            {
                if (TryTakeStrayKey(path))
                {
                    return PrStatus.Success;
                }

                Lost();
                return EndRegistration(path);
            }

            status = Commands.Register(path, 0, Key, ignoreKey: true);
            if (status == PrStatus.Success)
            {
                status = Confirm(path, before);
                if (status == PrStatus.Success)
                {
                    return LookWhetherItHolds(path);
                }
            }
        }

        return status;
    }

    /// <summary>A path that got its key now may have had another one of ours, and have the reservation with it.</summary>
    private PrStatus LookWhetherItHolds(MpathDevice path)
    {
        PrStatus status = Commands.ReadReservation(path, out PrReservation? reservation);
        _holderIsUnknown |= _holder is null && IsOurs(reservation) && reservation!.Type.IsHolderOnly();
        return status;
    }

    /// <summary>
    /// Nobody has the disk's key any more: if this path has one that it failed to change to, the change was carried out.
    /// </summary>
    private bool TryTakeStrayKey(MpathDevice path)
    {
        foreach (ulong key in _strayKeys)
        {
            if (Commands.Register(path, key, key) == PrStatus.Success)
            {
                Key = key;
                _strayKeys.Remove(key);
                PathsInLine().ForEach(KeepBack);
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a registration that was just made is not one that a preempt has taken away; if it is, it is undone.</summary>
    /// <returns>A conflict if nobody can say: it was undone, and can be tried again.</returns>
    private PrStatus Confirm(MpathDevice path, PrKeys before)
    {
        // Each change counts, ours too: one means that nobody else has changed anything.
        if (Commands.ReadKeys(path, out PrKeys after) == PrStatus.Success && after.Generation == unchecked(before.Generation + 1))
        {
            return PrStatus.Success;
        }

        foreach (MpathDevice witness in PathsInLine())
        {
            switch (Commands.Register(witness, Key, Key))
            {
                case PrStatus.Success:
                    return PrStatus.Success;
                case PrStatus.ReservationConflict:
                    PrStatus status = Commands.Register(path, Key, 0);
                    Lost();
                    return status == PrStatus.ReservationConflict ? PrStatus.Success : status;
            }
        }

        PrStatus undone = Commands.Register(path, Key, 0);
        return undone == PrStatus.Success ? PrStatus.ReservationConflict : undone;
    }

    /// <summary>
    /// The path that holds the reservation does not work, or is not known: another one takes it, by preempting its own key. No path
    /// is used meanwhile; what the one that failed still has is waited for.
    /// </summary>
    private bool TryMoveHolder()
    {
        foreach (MpathDevice path in PathsInLine())
        {
            PrStatus status = Commands.ReadReservation(path, out PrReservation? reservation);
            if (status != PrStatus.Success)
            {
                continue;
            }

            if (_strayKeys.Count > 0)
            {
                return false;
            }

            if (!(IsOurs(reservation) && reservation!.Type.IsHolderOnly()))
            {
                EndHolder();
                return true;
            }

            return TryHold() && PreemptOwn(Key, reservation.Type, abort: false, out _) == PrStatus.Success;
        }

        // Without a path that could take it there is nothing to do before one comes back.
        return !Head.PathList.Any(path => path.WorksButIsKeptBack);
    }
}
