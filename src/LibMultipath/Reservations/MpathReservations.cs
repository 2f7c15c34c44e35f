using LibMultipath.Paths;
using LibMultipath.Work;

namespace LibMultipath.Reservations;

/// <summary>
/// Persistent reservations of a multipath disk (<c>struct pr_ops</c>): with however many paths, it behaves as one device with
/// one registration.
/// </summary>
/// <remarks>
/// <para><b>Targets that know a registration by the path</b> (SCSI) get one on every path. A path that is new, or has not worked
/// for a while, is registered before it is used, and is not used before; a key that somebody has preempted meanwhile is not
/// brought back. While registrations are in between two states I/O waits, for no longer than
/// <see cref="MpathReservationOptions.HoldLimit"/>. Under a type of which only the holder has access, one path is used.</para>
/// <para><b>A new process</b> finds out with which key the paths are registered, and brings them into line, before any of them is
/// used: so this is made before the paths are set live, or the disk is shown.</para>
/// <para><b>Two hosts with one key</b> are not supported: a key is how a host tells its own registrations.</para>
/// <para><b>Threads.</b> All members may be used on any thread. The operations block, for as long as the paths take, and are
/// carried out one after the other; none may be called inside a read section of the head. The outcome of an operation is never an
/// exception.</para>
/// </remarks>
public sealed class MpathReservations : IPathAdmission, IDisposable
{
    private readonly Lock _gate = new();
    private readonly MpathHead _head;
    private readonly ReservationOperations? _operations;
    private readonly NexusReservations? _nexus;
    private readonly DeferredWork _admission;
    private bool _disposed;

    /// <summary>Begins to look after the registrations of a head's paths.</summary>
    /// <param name="head">The head; nobody else looks after its registrations.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="InvalidOperationException">Somebody looks after the head's registrations already.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A time in the options is not more than zero, or more than an hour.</exception>
    public MpathReservations(MpathHead head, MpathReservationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(head);
        options ??= new MpathReservationOptions();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.HoldLimit, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.RetryDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.HoldLimit, MpathReservationOptions.MaxTime);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.RetryDelay, MpathReservationOptions.MaxTime);
        _head = head;
        _admission = new DeferredWork(head.Scheduler, WorkKind.BlockingReclaim, Admit, exception => head.Logger.AdmissionFaulted(exception, head.Name));
        if (head.Template is not IMpathReservationTemplate template)
        {
            return;
        }

        if (template.ReservationScope == ReservationScope.Host)
        {
            _operations = new HostReservations(head, template);
        }
        else
        {
            _operations = _nexus = new NexusReservations(head, template, options, _admission.Queue);
            head.BeginAdmission(this);
        }
    }

    /// <summary>Whether the driver knows reservations; if not, every operation answers <see cref="PrStatus.NotSupported"/>.</summary>
    public bool IsSupported => _operations is not null;

    /// <summary>The key that the disk is registered with, as far as is known; 0 for none.</summary>
    public ulong Key
    {
        get
        {
            lock (_gate)
            {
                return _operations?.Key ?? 0;
            }
        }
    }

    /// <summary>Registers a key (<c>pr_register</c>): on all paths, or on none.</summary>
    /// <param name="oldKey">The key that is registered now; 0 for none.</param>
    /// <param name="newKey">The key from now on; 0 ends the registration, and with it a reservation of the disk.</param>
    /// <param name="ignoreKey">Whether the old key may be another one.</param>
    public PrStatus Register(ulong oldKey, ulong newKey, bool ignoreKey = false) =>
        Run(operations => operations.Register(oldKey, newKey, ignoreKey));

    /// <summary>Reserves (<c>pr_reserve</c>). A disk that has reserved already may do so again, with the same key and type.</summary>
    /// <param name="key">The key that the disk is registered with.</param>
    /// <param name="type">What others are kept from.</param>
    public PrStatus Reserve(ulong key, PrType type)
    {
        ThrowIfUndefined(type);
        return Run(operations => operations.Reserve(key, type));
    }

    /// <summary>Ends the disk's reservation (<c>pr_release</c>). When it has none, nothing happens, with success.</summary>
    /// <param name="key">The key that the disk is registered with.</param>
    /// <param name="type">The type that was reserved; another one is a conflict.</param>
    public PrStatus Release(ulong key, PrType type)
    {
        ThrowIfUndefined(type);
        return Run(operations => operations.Release(key, type));
    }

    /// <summary>
    /// Takes a registration, and a reservation with it, away from somebody (<c>pr_preempt</c>). Preempting oneself changes the
    /// type of one's reservation.
    /// </summary>
    /// <param name="key">The key that the disk is registered with.</param>
    /// <param name="victim">The key of those who lose theirs; 0 for all others, if all registrants hold the reservation.</param>
    /// <param name="type">The type of the reservation that takes the place of the victim's, if that had one.</param>
    /// <param name="abort">Whether the victim's commands are aborted.</param>
    public PrStatus Preempt(ulong key, ulong victim, PrType type, bool abort = false)
    {
        ThrowIfUndefined(type);
        return Run(operations => operations.Preempt(key, victim, type, abort));
    }

    /// <summary>Ends all registrations and the reservation, whoever has them (<c>pr_clear</c>).</summary>
    /// <param name="key">The key that the disk is registered with.</param>
    public PrStatus Clear(ulong key) => Run(operations => operations.Clear(key));

    /// <summary>Reads all keys (<c>pr_read_keys</c>), the disk's own once, on however many paths it is registered.</summary>
    public PrStatus ReadKeys(out PrKeys? keys)
    {
        PrKeys? read = null;
        PrStatus status = Run(operations => operations.ReadKeys(out read));
        keys = read;
        return status;
    }

    /// <summary>Reads who has reserved (<c>pr_read_reservation</c>); null with success when nobody has.</summary>
    public PrStatus ReadReservation(out PrReservation? reservation)
    {
        PrReservation? read = null;
        PrStatus status = Run(operations => operations.ReadReservation(out read));
        reservation = read;
        return status;
    }

    /// <summary>
    /// Looks after the registrations no more: they stay as they are, and paths are used without being registered. Waits for
    /// an operation that is under way; later ones answer <see cref="PrStatus.NotSupported"/>. A second call does nothing.
    /// </summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _nexus?.Dispose();
        }

        // Nothing is changed any more, so nobody puts a path aside after this.
        if (_nexus is not null)
        {
            _head.EndAdmission();
            _admission.Flush();
        }
    }

    void IPathAdmission.PathChanged() => _admission.Queue();

    private static void ThrowIfUndefined(PrType type)
    {
        if (!Enum.IsDefined(type))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "There is no such type of reservation; they are 1 to 6.");
        }
    }

    private void Admit()
    {
        Run(_ =>
        {
            _nexus!.BringIntoLine();
            return PrStatus.Success;
        });
    }

    // A host that cannot show the disk now has nothing to do with the operation, which is done.
    private void Follow(Action effect)
    {
        try
        {
            effect();
        }
        catch (Exception exception)
        {
            _head.Logger.AdmissionFaulted(exception, _head.Name);
        }
    }

    private PrStatus Run(Func<ReservationOperations, PrStatus> operation)
    {
        if (_operations is null)
        {
            return PrStatus.NotSupported;
        }

        PrStatus status;
        HeldIo? held = null;
        IReadOnlyList<MpathDevice> admitted = [];
        try
        {
            lock (_gate)
            {
                if (_disposed)
                {
                    return PrStatus.NotSupported;
                }

                try
                {
                    status = operation(_operations);
                }
                finally
                {
                    (held, admitted) = _nexus?.TakeEffects() ?? (null, []);
                }
            }
        }
        finally
        {
            // Not under the gate: a disk may appear now, and its first user ask for an operation.
            Follow(() => held?.Dispose());
            Follow(() => MpathHead.OnPathsChanged(admitted));
        }

        return status;
    }
}
