using LibMultipath.Paths;

namespace LibMultipath.Reservations;

/// <summary>
/// For targets that know a registration by the host: any path will do. What is hard is a path that fails in the middle: the
/// operation may have been carried out, and is then refused on the next path for that very reason.
/// </summary>
internal sealed class HostReservations(MpathHead head, IMpathReservationTemplate template) : ReservationOperations(head, template)
{
    public override PrStatus Register(ulong oldKey, ulong newKey, bool ignoreKey)
    {
        PrStatus status = OnOnePath(
            path => Commands.Register(path, oldKey, newKey, ignoreKey),
            path => newKey == 0 ? !HasKey(path, oldKey) : Commands.Register(path, newKey, newKey) == PrStatus.Success);
        if (status == PrStatus.Success)
        {
            Key = newKey;
        }

        return status;
    }

    public override PrStatus Reserve(ulong key, PrType type) => OnOnePath(path => Commands.Reserve(path, key, type), null);

    public override PrStatus Release(ulong key, PrType type) => OnOnePath(path => Commands.Release(path, key, type), null);

    public override PrStatus Preempt(ulong key, ulong victim, PrType type, bool abort) => OnOnePath(
        path => Commands.Preempt(path, key, victim, type, abort),
        path => Commands.Register(path, key, key) == PrStatus.Success && !HasKey(path, victim));

    public override PrStatus Clear(ulong key)
    {
        PrStatus status = OnOnePath(path => Commands.Clear(path, key), path => !HasKey(path, key));
        if (status == PrStatus.Success)
        {
            Key = 0;
        }

        return status;
    }

    private bool HasKey(MpathDevice path, ulong key) =>
        Commands.ReadKeys(path, out PrKeys keys) != PrStatus.Success || keys.Keys.Contains(key);

    /// <summary>Carries an operation out on the first path that can.</summary>
    /// <param name="command">The operation.</param>
    /// <param name="wasDone">Whether a refusal means that a path which failed before had carried it out; null if it is none.</param>
    private PrStatus OnOnePath(Func<MpathDevice, PrStatus> command, Func<MpathDevice, bool>? wasDone)
    {
        PrStatus status = PrStatus.NoPath;
        foreach (MpathDevice path in ReachablePaths())
        {
            bool mayBeDone = IsPathFailure(status);
            status = command(path);
            if (status == PrStatus.ReservationConflict && mayBeDone && wasDone?.Invoke(path) == true)
            {
                status = PrStatus.Success;
            }

            if (!IsPathFailure(status))
            {
                break;
            }
        }

        return status;
    }
}
