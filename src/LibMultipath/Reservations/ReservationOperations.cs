using LibMultipath.Paths;

namespace LibMultipath.Reservations;

/// <summary>
/// The operations of a disk, for one kind of target. One is carried out at a time; what it changes in the use of paths takes
/// effect after it, because a path that comes into use may make its disk appear, and whoever sees that may ask for another.
/// </summary>
internal abstract class ReservationOperations(MpathHead head, IMpathReservationTemplate template)
{
    /// <summary>What goes down a single path.</summary>
    protected PathCommands Commands { get; } = new(head, template);

    protected MpathHead Head => head;

    /// <summary>The key that the disk is registered with, as far as is known; 0 for none.</summary>
    public ulong Key { get; protected set; }

    public abstract PrStatus Register(ulong oldKey, ulong newKey, bool ignoreKey);

    public abstract PrStatus Reserve(ulong key, PrType type);

    public abstract PrStatus Release(ulong key, PrType type);

    public abstract PrStatus Preempt(ulong key, ulong victim, PrType type, bool abort);

    public abstract PrStatus Clear(ulong key);

    public PrStatus ReadKeys(out PrKeys? keys)
    {
        PrKeys? read = null;
        PrStatus status = OnAnyPath(path =>
        {
            PrStatus status = Commands.ReadKeys(path, out PrKeys all);
            read = status == PrStatus.Success ? AsOneDevice(all) : null;
            return status;
        });
        keys = read;
        return status;
    }

    public PrStatus ReadReservation(out PrReservation? reservation)
    {
        PrReservation? read = null;
        PrStatus status = OnAnyPath(path => Commands.ReadReservation(path, out read));
        reservation = read;
        return status;
    }

    /// <summary>The keys as one device with one registration would show them.</summary>
    protected virtual PrKeys AsOneDevice(PrKeys keys) => keys;

    /// <summary>The paths that an operation can go down: those in use first, the better ones before the others.</summary>
    protected IEnumerable<MpathDevice> ReachablePaths() =>
        head.PathList.Where(path => path.IsReachable)
            .OrderBy(path => path.IsUnadmitted)
            .ThenBy(path => path.AccessState != MpathAccessState.Optimized);

    /// <summary>Whether a path, and not the device, is to blame.</summary>
    protected static bool IsPathFailure(PrStatus status) =>
        status is PrStatus.PathFailed or PrStatus.RetryPathFailure or PrStatus.PathFastFailed;

    /// <summary>Something that changes nothing: on the first path that can.</summary>
    private PrStatus OnAnyPath(Func<MpathDevice, PrStatus> command)
    {
        PrStatus status = PrStatus.NoPath;
        foreach (MpathDevice path in ReachablePaths())
        {
            status = command(path);
            if (!IsPathFailure(status))
            {
                break;
            }
        }

        return status;
    }
}
