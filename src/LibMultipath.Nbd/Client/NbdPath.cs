using LibMultipath.Block;
using LibMultipath.Work;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LibMultipath.Nbd.Client;

/// <summary>
/// A path over the network: one connection to an NBD server, many requests under way on it, answers in any order. A
/// connection that is lost is made again, after the head's and the controller's failure times.
/// </summary>
/// <remarks>
/// <para><b>What is under way when the connection is lost</b> goes to another path when no late answer can touch its memory.
/// A write waits longer: until the server is known to be gone, or <see cref="NbdPathOptions.AbortTime"/> has passed, because a
/// server that hangs may still carry it out.</para>
/// <para><b>Servers without multi-conn</b> are not coherent over several connections: see <see cref="NbdHeadTemplate"/>.</para>
/// <para><b>Threads.</b> All members may be used on any thread. A connection has a thread of its own, on which I/O ends, and a
/// second one when the server does not take data as fast as it comes, or over TLS; none of them is the pool's, so a path goes
/// on while every thread of the pool waits for the disk.</para>
/// <para><b>Lifetime.</b> A path that was added to a head is released when it is removed from it; one that was not is
/// disposed.</para>
/// </remarks>
public sealed partial class NbdPath : DriverDisk, IDisposable
{
    private readonly NbdPathOptions _options;
    private readonly TimeProvider _time;
    private readonly DeferredLog _log = new(WorkScheduler.Default);
    private readonly HeldWrites _held;
    private readonly ReclaimTimer _ticks;
    private readonly LogRateLimit _lostLimit = new();
    private readonly LogRateLimit _unusableLimit = new();
    private NbdSession? _session;

    /// <summary>Makes the path; nothing is connected before <see cref="Connect"/> or <see cref="AddTo"/>.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="options">Where the server is.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time is not above 0.</exception>
    public NbdPath(string name, NbdPathOptions options)
        : base(name, capacitySectors: 0, limits: null, Checked(options).ReadOnly, options.TimeProvider, options.Logger)
    {
        _options = options;
        _time = options.TimeProvider ?? TimeProvider.System;
        Logger = options.Logger ?? NullLogger.Instance;
        _held = new HeldWrites(_time, options.AbortTime);
        _ticks = new ReclaimTimer(_time, Tick);
        _ticks.Set(options.IoTimeout / NbdSession.TicksPerTimeout);
    }

    /// <summary>Where the server is, and which export.</summary>
    public NbdAddress Address => _options.Address;

    /// <summary>Whether the server says that several connections see each other's writes; false while there was no connection.</summary>
    public bool CanMultiConn { get; private set; }

    /// <summary>How the server describes the export; null if it does not.</summary>
    public string? Description { get; private set; }

    /// <summary>Writes that were under way on a lost connection, and wait until the server is known to be gone.</summary>
    public int HeldWriteCount => _held.Count;

    internal ILogger Logger { get; }

    /// <summary>What is written here is in nobody's way: a logger may write to the very disk.</summary>
    internal DeferredLog Log => _log;

    private NbdSession? Session => Volatile.Read(ref _session);

    /// <summary>Ends the path: for one that is not, or not any more, with a head.</summary>
    public void Dispose() => Release();

    /// <inheritdoc/>
    protected override void SubmitBio(BioAttempt attempt)
    {
        BioOp op = attempt.Bio.Op;
        if (_options.ReadOnly && op is not (BioOp.Read or BioOp.Flush))
        {
            // The server may not know that it is not to be written.
            attempt.Complete(BlockStatus.IoError);
        }
        else if (!NbdSlot.CanDo(op))
        {
            attempt.Complete(BlockStatus.NotSupported);
        }
        else if (Session is not { } session || !session.TrySubmit(attempt))
        {
            attempt.FailPath(BlockStatus.Transport);
        }
    }

    /// <inheritdoc/>
    protected override void Abort(BioAttempt attempt)
    {
        // What the server has seen ends as it ends.
        if (Session?.TryWithdraw(attempt) == true)
        {
            attempt.FailPath(BlockStatus.Transport);
        }
    }

    /// <inheritdoc/>
    protected override void AbortAll()
    {
        Session?.Close("the path is being removed");

        // Where it was used alone the next one takes its place, though this one's answers may take their time.
        Arrange(waits: false);
    }

    private static NbdPathOptions Checked(NbdPathOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.HandshakeLimit, TimeSpan.Zero, nameof(options.HandshakeLimit));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.IoTimeout, TimeSpan.FromMilliseconds(10), nameof(options.IoTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.AbortTime, TimeSpan.Zero, nameof(options.AbortTime));
        return options;
    }
}
