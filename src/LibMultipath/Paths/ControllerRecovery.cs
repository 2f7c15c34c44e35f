using LibMultipath.Block;
using LibMultipath.Work;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LibMultipath.Paths;

/// <summary>
/// Brings a controller back whose connection was lost, as hosts of NVMe over fabrics do it: attempts to connect with a
/// growing delay between them; after the fast-fail time I/O does not wait for the controller any more; after the loss time
/// it is given up. The times are <see cref="MpathController.FailureTimesInForce"/>, and count from the loss of the
/// connection; changing them has effect at once.
/// </summary>
/// <remarks>
/// <para><b>Ownership.</b> A driver makes one for each controller, tells it of lost connections, and disposes it when the
/// controller is not needed any more. It sets the controller's state to connecting, live and dead.</para>
/// <para><b>Threads.</b> All members may be used on any thread and do not block, but for what the driver does when a token is
/// cancelled. The driver is called without a lock, on threads that are neither the pool's nor needed by anybody else, and
/// may block there: so a controller comes back although every thread of the pool waits for its disk. What the driver awaits
/// there goes on on the pool, so a driver that disks with such users depend on connects without awaiting.</para>
/// <para><b>Order.</b> At most one call to connect is under way, unless one was cancelled and has not returned; nobody waits
/// for that, and what it returns counts for nothing. A driver therefore keeps what it has made only under a lock under which
/// the token was not cancelled yet, and lets go of it under that lock when it has called <see cref="Stop"/>.</para>
/// </remarks>
public sealed partial class ControllerRecovery : IDisposable
{
    private readonly MpathController _controller;
    private readonly Func<CancellationToken, Task> _connect;
    private readonly Action _lost;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly ReclaimTimer _timer;
    private readonly LogRateLimit _limit = new();
    private readonly DeferredLog _log;
    private Outage? _outage;
    private int _attempts;
    private string? _lastError;
    private bool _isLost;
    private bool _isEnded;
    private bool _disposed;

    /// <summary>Makes what brings a controller back. Nothing happens before <see cref="ConnectionLost"/>.</summary>
    /// <param name="controller">The controller.</param>
    /// <param name="connect">
    /// Connects, and completes when I/O can be carried out; fails when it cannot connect. It may block its thread. When the
    /// token is cancelled nobody wants the connection any more.
    /// </param>
    /// <param name="lost">The controller was given up: its state is dead, and there will be no attempt. Called once, on a thread that may block.</param>
    /// <param name="timeProvider">The clock and the timers; null for the system's.</param>
    /// <param name="logger">Where it logs; null for nowhere.</param>
    public ControllerRecovery(
        MpathController controller,
        Func<CancellationToken, Task> connect,
        Action lost,
        TimeProvider? timeProvider = null,
        ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(controller);
        ArgumentNullException.ThrowIfNull(connect);
        ArgumentNullException.ThrowIfNull(lost);
        _controller = controller;
        _connect = connect;
        _lost = lost;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
        _scheduler = new ControllerScheduler(controller);
        _log = new DeferredLog(_scheduler);
        _follow = new DeferredWork(_scheduler, WorkKind.BlockingReclaim, Follow, exception => WriteFault(exception, "when a state was set"));
        _end = new DeferredWork(_scheduler, WorkKind.BlockingReclaim, TellLost, exception => WriteFault(exception, "when it was told of the loss"));
        _timer = new ReclaimTimer(_timeProvider, OnTime);
        controller.FailureTimesChanged += OnTime;
    }

    /// <summary>Whether the connection was lost and has neither come back nor been given up.</summary>
    public bool IsRecovering
    {
        get
        {
            lock (_lock)
            {
                return _outage is not null;
            }
        }
    }

    /// <summary>Whether the controller was given up after the loss time, and not stopped since.</summary>
    public bool IsLost
    {
        get
        {
            lock (_lock)
            {
                return _isLost;
            }
        }
    }

    /// <summary>The attempts that were begun since the connection was lost; 0 when there is one.</summary>
    public int Attempts
    {
        get
        {
            lock (_lock)
            {
                return _attempts;
            }
        }
    }

    /// <summary>
    /// Why there is no connection: what the last attempt failed with, or what <see cref="ConnectionLost"/> was told before that.
    /// Null when there is one.
    /// </summary>
    public string? LastError
    {
        get
        {
            lock (_lock)
            {
                return _lastError;
            }
        }
    }

    /// <summary>How long until the next attempt; null when one is under way or none will be made.</summary>
    public TimeSpan? UntilNextAttempt
    {
        get
        {
            lock (_lock)
            {
                return _outage is { Attempt: null } outage ? LeftOfDelay(outage, _controller.FailureTimesInForce) : null;
            }
        }
    }

    /// <summary>When the next attempt will be made; null when one is under way or none will be made.</summary>
    public DateTimeOffset? NextAttempt => UntilNextAttempt is { } left ? _timeProvider.GetUtcNow() + left : null;

    /// <summary>
    /// The connection is lost, or there is none yet: the controller is connecting from here on, and the first attempt is made at
    /// once, but after a connection that lasted less than a second counts as the next one after a failed one. While attempts
    /// are made already, it says that what the one under way makes is lost as well. Of a controller that is being deleted, and
    /// after it was given up, it does nothing; after <see cref="Stop"/> it begins anew.
    /// </summary>
    /// <param name="why">For people: what has happened to the connection.</param>
    /// <param name="wasUseless">
    /// Whether the connection counts as an attempt that failed, however long it lasted, so that the next one waits: because
    /// requests were not answered, for instance.
    /// </param>
    public void ConnectionLost(string why, bool wasUseless = false)
    {
        ArgumentNullException.ThrowIfNull(why);
        lock (_lock)
        {
            if (_outage is { } known)
            {
                _ = known.Attempt?.LostMeanwhile = why;
                return;
            }

            if (_disposed || _isEnded || _controller.State == MpathControllerState.Deleting)
            {
                return;
            }

            long now = _timeProvider.GetTimestamp();
            _outage = new Outage(now) { Failures = FailuresBefore(now, wasUseless) };
            _isLost = false;
            _attempts = 0;
            _lastError = why;
            if (_limit.TryTake(out int suppressed))
            {
                _log.Write(() => _logger.ConnectionLost(Name, why, suppressed));
            }

            Mark(MpathControllerState.Connecting);
            Step();
        }
    }

    /// <summary>The next attempt is made now, unless one is under way. Without a lost connection it does nothing.</summary>
    public void RetryNow()
    {
        lock (_lock)
        {
            if (_outage is { Attempt: null } outage)
            {
                outage.IsHurried = true;
                Step();
            }
        }
    }

    /// <summary>
    /// Ends the attempts: one that is under way, or begins at this very moment, is cancelled and not waited for, and none comes
    /// after it; the controller is not given up. Its state stays as it is. The next <see cref="ConnectionLost"/> begins anew.
    /// </summary>
    public void Stop()
    {
        ConnectAttempt? cancelled;
        lock (_lock)
        {
            cancelled = _outage?.Attempt;
            _outage = null;
            _isEnded = false;
            _isLost = false;
            _mustTellLost = false;
            _backOff = null;
            _timer.Set(Timeout.InfiniteTimeSpan);
        }

        Cancel(cancelled);
    }

    /// <summary>As <see cref="Stop"/>, for good.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer.Dispose();
        }

        _controller.FailureTimesChanged -= OnTime;
        Stop();
    }

    /// <inheritdoc/>
    public override string ToString() => $"recovery of {_controller}";
}
