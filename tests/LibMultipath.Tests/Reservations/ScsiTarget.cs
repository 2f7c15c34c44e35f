using LibMultipath.Reservations;

namespace LibMultipath.Tests.Reservations;

/// <summary>
/// A logical unit as SPC-4 describes it, with the freedom that it leaves used as Linux's target does. Registrations belong to a
/// nexus, here a number.
/// </summary>
internal sealed class ScsiTarget
{
    private readonly SortedDictionary<int, ulong> _registered = [];
    private int _holder = -1;
    private PrType _type;

    /// <summary>Whether registering through one port of a host registers all of them; ports of a host have the same hundreds.</summary>
    public bool RegistersAllPorts { get; init; }

    public uint Generation { get; set; }

    /// <summary>Whether anybody has reserved.</summary>
    public bool IsReserved => _type != 0;

    public ulong? KeyOf(int nexus) => _registered.TryGetValue(nexus, out ulong key) ? key : null;

    public bool Holds(int nexus) => IsReserved && (_type.IsAllRegistrants() ? _registered.ContainsKey(nexus) : _holder == nexus);

    public bool MayAccess(int nexus, bool write) =>
        !IsReserved || Holds(nexus)
        || (!_type.IsHolderOnly() && _registered.ContainsKey(nexus))
        || (!write && !_type.ExcludesReaders());

    public PrStatus Register(int nexus, ulong oldKey, ulong newKey, bool ignoreKey)
    {
        bool isRegistered = _registered.TryGetValue(nexus, out ulong key);
        if (!ignoreKey && (isRegistered ? key : 0) != oldKey)
        {
            return PrStatus.ReservationConflict;
        }

        if (newKey == 0)
        {
            if (isRegistered)
            {
                Generation++;
                Remove(nexus);
            }

            return PrStatus.Success;
        }

        Generation++;
        _registered[nexus] = newKey;
        if (RegistersAllPorts && !isRegistered)
        {
            for (int port = nexus / 100 * 100; port < (nexus / 100 * 100) + 8; port++)
            {
                _registered[port] = newKey;
            }
        }

        return PrStatus.Success;
    }

    public PrStatus Reserve(int nexus, ulong key, PrType type)
    {
        if (KeyOf(nexus) != key || (IsReserved && !(Holds(nexus) && type == _type)))
        {
            return PrStatus.ReservationConflict;
        }

        if (!IsReserved)
        {
            (_holder, _type) = (nexus, type);
        }

        return PrStatus.Success;
    }

    public PrStatus Release(int nexus, ulong key, PrType type)
    {
        if (KeyOf(nexus) != key || (Holds(nexus) && type != _type))
        {
            return PrStatus.ReservationConflict;
        }

        if (Holds(nexus))
        {
            EndReservation();
        }

        return PrStatus.Success;
    }

    public PrStatus Preempt(int nexus, ulong key, ulong victim, PrType type)
    {
        if (KeyOf(nexus) != key)
        {
            return PrStatus.ReservationConflict;
        }

        bool all = IsReserved && _type.IsAllRegistrants() && victim == 0;
        if (all || (IsReserved && !_type.IsAllRegistrants() && _registered[_holder] == victim))
        {
            Generation++;
            foreach (int other in Registrants(victim, all).Where(other => other != nexus))
            {
                _registered.Remove(other);
            }

            (_holder, _type) = (nexus, type);
            return PrStatus.Success;
        }

        if (victim == 0)
        {
            return PrStatus.IoError;
        }

        int[] victims = Registrants(victim, all: false);
        if (victims.Length == 0)
        {
            return PrStatus.ReservationConflict;
        }

        Generation++;
        Array.ForEach(victims, Remove);
        return PrStatus.Success;
    }

    public PrStatus Clear(int nexus, ulong key)
    {
        if (KeyOf(nexus) != key)
        {
            return PrStatus.ReservationConflict;
        }

        Generation++;
        _registered.Clear();
        EndReservation();
        return PrStatus.Success;
    }

    public PrKeys ReadKeys() => new(Generation, [.. _registered.Values]);

    public PrReservation? ReadReservation() =>
        IsReserved ? new PrReservation(Generation, _type.IsAllRegistrants() ? 0 : _registered[_holder], _type) : null;

    private int[] Registrants(ulong key, bool all) => [.. _registered.Where(pair => all || pair.Value == key).Select(pair => pair.Key)];

    private void Remove(int nexus)
    {
        _registered.Remove(nexus);
        if (IsReserved && (_type.IsAllRegistrants() ? _registered.Count == 0 : _holder == nexus))
        {
            EndReservation();
        }
    }

    private void EndReservation() => (_holder, _type) = (-1, 0);
}
