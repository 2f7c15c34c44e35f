using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Reservations;

/// <summary>
/// For targets that know a registration by the path (the I_T nexus): every path has one of its own, and one of them holds the
/// reservation. This makes one registration of them.
/// </summary>
/// <remarks>
/// <para><b>In line</b> is a path whose registration is the disk's: <see cref="ReservationOperations.Key"/>, or none. A path that
/// is in use is in line, always; that is what the mark <see cref="PathState.Unadmitted"/> is for, which a path gets in the same
/// step in which it stops working. Not in use, but in line, are the paths that stand aside while the one that holds a reservation
/// of a type for holders only is used.</para>
/// <para><b>A preempt that takes our key takes it from all paths at once.</b> So one path that still has it (a witness), asked after
/// another was registered, says that both are registered: a preempt that comes later takes both.</para>
/// </remarks>
internal sealed partial class NexusReservations(
    MpathHead head, IMpathReservationTemplate template, MpathReservationOptions options, Func<bool> tryLater)
    : ReservationOperations(head, template), IDisposable
{
    private readonly LogRateLimit _notInLineLimit = new();

    // With what Outages was when it was put aside: in line as long as that is the same.
    private readonly Dictionary<MpathDevice, PathState> _aside = [];
    private readonly List<MpathDevice> _admitted = [];
    private HeldIo? _held;
    private MpathDevice? _holder;

    // Keys that a path which could not be asked may have in the place of the disk's: one before a change, or one that a path
    // failed to change to.
    private readonly List<ulong> _strayKeys = [];

    // Whether nobody knows which path holds a reservation that may be ours.
    private bool _holderIsUnknown;
    private ITimer? _later;

    // Whether the key is what the user has made it, or was found out.
    private bool _keyIsKnown;

    public void Dispose()
    {
        _later?.Dispose();
        _held?.Dispose();
    }

    /// <summary>What is to take effect now that an operation is over.</summary>
    public (HeldIo? Held, IReadOnlyList<MpathDevice> Admitted) TakeEffects()
    {
        HeldIo? held = _held;
        _held = null;
        MpathDevice[] admitted = [.. _admitted];
        _admitted.Clear();
        return (held, admitted);
    }

    protected override PrKeys AsOneDevice(PrKeys keys)
    {
        if (Key == 0)
        {
            return keys;
        }

        int own = 0;
        ulong[] shown = [.. keys.Keys.Where(key => key != Key || own++ == 0)];
        return new PrKeys(keys.Generation, shown, keys.Count - Math.Max(0, own - 1));
    }

    /// <summary>The paths that are in line and can be asked: those in use before those that stand aside.</summary>
    private List<MpathDevice> PathsInLine() => [.. ReachablePaths().Where(IsInLine)];

    private bool IsInLine(MpathDevice path) =>
        !path.IsUnadmitted || (_aside.TryGetValue(path, out PathState outages) && path.Outages == outages);

    /// <summary>Holds I/O until the operation is over, and waits until no path has any.</summary>
    private bool TryHold()
    {
        _held ??= new HeldIo(Head, options.HoldLimit);
        return _held.WaitUntilIdle();
    }

    private bool IsOurs(PrReservation? reservation) =>
        reservation is not null && Key != 0
        && (reservation.Key == Key || _strayKeys.Contains(reservation.Key) || reservation.Type.IsAllRegistrants());

    /// <summary>The key was preempted, or all keys were cleared: the disk is registered no more, as one device would not be.</summary>
    private void Lost()
    {
        Head.Logger.RegistrationLost(Head.Name, Key);
        EndKey();
    }

    /// <summary>The disk is registered no more.</summary>
    private void EndKey()
    {
        Key = 0;
        _strayKeys.Clear();
        _keyIsKnown = true;
        EndHolder();
    }

    /// <summary>Only this path has access from now on: the others stand aside.</summary>
    private void SetHolder(MpathDevice holder)
    {
        foreach (MpathDevice path in PathsInLine())
        {
            if (!ReferenceEquals(path, holder) && !path.IsUnadmitted)
            {
                PathState outages = path.Outages;
                path.Unadmit();
                _aside[path] = outages;
            }
        }

        _holder = holder;
        _holderIsUnknown = false;
        if (_aside.Remove(holder, out PathState before))
        {
            Admit(holder, before);
        }
    }

    /// <summary>All registrants have access: nobody stands aside.</summary>
    private void EndHolder()
    {
        _holder = null;
        _holderIsUnknown = false;
        foreach ((MpathDevice path, PathState outages) in _aside)
        {
            Admit(path, outages);
        }

        _aside.Clear();
    }

    /// <summary>
    /// A path failed while it preempted our own key: if it was carried out, all other paths have lost theirs, and it holds the
    /// reservation.
    /// </summary>
    private void SuspectAll()
    {
        _holder = null;
        _holderIsUnknown = true;
        foreach (MpathDevice path in PathsInLine())
        {
            KeepBack(path);
        }
    }

    /// <summary>The path may be out of line: it is not used before that is mended.</summary>
    private void KeepBack(MpathDevice path)
    {
        _aside.Remove(path);
        path.Unadmit();
        tryLater();
    }

    private void Admit(MpathDevice path, PathState outages)
    {
        if (path.TryAdmit(outages))
        {
            path.AdmissionFailed = false;
            _admitted.Add(path);
        }
    }

    /// <summary>Looks again, soon, after something could not be done.</summary>
    private void TryLater()
    {
        _later ??= Head.TimeProvider.CreateTimer(
            static state => ((Func<bool>)state!)(), tryLater, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _later.Change(options.RetryDelay, Timeout.InfiniteTimeSpan);
    }
}
