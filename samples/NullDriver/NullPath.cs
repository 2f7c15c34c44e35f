using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Topology;

namespace NullDriver;

/// <summary>
/// A path to nothing: writes go nowhere, reads leave their memory as it is. It ends an attempt inside the submission,
/// or after <see cref="NullOptions.Latency"/> on a thread of its own, with the status that
/// <see cref="NullOptions.Fault"/> says. What it shows of a driver: how attempts are ended, at once and later, and how
/// a path goes and comes back while they are under way.
/// </summary>
/// <remarks>
/// All members may be used on any thread. A path that was added to a head is released when it is removed from it; one
/// that was not is disposed.
/// </remarks>
public sealed class NullPath : DriverDisk, IDisposable
{
    // Who looks at no data can do without it.
    private static readonly QueueLimits s_limits = new() { Features = QueueFeatures.RegisteredBuffers };

    private readonly Lock _stateLock = new();
    private readonly Func<Bio, BlockStatus>? _fault;
    private readonly LatencyTimer? _timer;
    private volatile bool _failed;
    private bool _released;

    /// <summary>Makes the path.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="options">How it is.</param>
    /// <exception cref="ArgumentException">The capacity, the limits or the latency is not valid.</exception>
    public NullPath(string name, NullOptions options)
        : base(name, options.CapacitySectors, options.Limits ?? s_limits)
    {
        _fault = options.Fault;
        if (options.Latency != TimeSpan.Zero)
        {
            _timer = new LatencyTimer(name, options.Latency);
        }
    }

    /// <summary>The path of a head that this is the disk of; null before <see cref="AddTo"/>.</summary>
    public MpathDevice? Path { get; private set; }

    /// <summary>Whether the path is failed, or gone.</summary>
    public bool IsFailed => _failed;

    /// <summary>The latency that attempts really had, those that were aborted aside; all zero for a path without latency.</summary>
    public LatencyReport AchievedLatency => _timer?.Report() ?? default;

    /// <summary>From now on attempts take so long, those that are under way included.</summary>
    /// <param name="latency">Above 0.</param>
    /// <exception cref="InvalidOperationException">The path was made without latency.</exception>
    public void SetLatency(TimeSpan latency)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(latency, TimeSpan.Zero);
        (_timer ?? throw new InvalidOperationException($"{Name} was made without latency; give NullOptions.Latency.")).SetLatency(latency);
    }

    /// <summary>Adds the path to a head and sets it live.</summary>
    /// <param name="head">The head.</param>
    /// <param name="controller">The controller that the path goes through; paths that share one share its load.</param>
    /// <param name="numaNode">The node it is near to.</param>
    /// <param name="accessState">Its access state to begin with.</param>
    /// <returns>The path as the head sees it; <see cref="MpathHead.Remove"/> takes it away again.</returns>
    /// <exception cref="InvalidOperationException">It was added to a head before.</exception>
    public MpathDevice AddTo(
        MpathHead head,
        MpathController controller,
        int numaNode = NumaNode.None,
        MpathAccessState accessState = MpathAccessState.Optimized)
    {
        ArgumentNullException.ThrowIfNull(head);
        lock (_stateLock)
        {
            if (Path is not null)
            {
                throw new InvalidOperationException($"{Name} was added to a head before; make another path.");
            }

            var path = new MpathDevice(controller, this, numaNode, accessState);
            head.Add(path);
            Path = path;
            if (!_failed)
            {
                path.SetLive();
            }

            return path;
        }
    }

    /// <summary>The path fails: what is under way, and what still comes, ends as a path failure. Blocks for a grace period.</summary>
    public void Fail()
    {
        lock (_stateLock)
        {
            if (_failed)
            {
                return;
            }

            // The state first, then the attempts: what they give back must not be aimed here again. An I/O that
            // every usable path has failed is over.
            Path?.SetDown();
            _failed = true;
            _timer?.Close();
        }
    }

    /// <summary>The path works again. Blocks for a grace period.</summary>
    /// <exception cref="ObjectDisposedException">The path was removed or disposed.</exception>
    public void Restore()
    {
        lock (_stateLock)
        {
            ObjectDisposedException.ThrowIf(_released, this);
            if (_failed)
            {
                _timer?.Open();
                _failed = false;
                Path?.SetLive();
            }
        }
    }

    /// <summary>Takes another capacity. A head hears of it when it revalidates.</summary>
    /// <param name="capacitySectors">In sectors of 512 bytes; a multiple of the logical block.</param>
    /// <exception cref="ArgumentException">It is negative or no multiple of the logical block.</exception>
    public void Resize(long capacitySectors) => SetCapacity(capacitySectors);

    /// <summary>Ends the path: for one that is not, or not any more, with a head.</summary>
    public void Dispose() => Release();

    /// <inheritdoc/>
    protected override void SubmitBio(BioAttempt attempt)
    {
        BlockStatus status = _fault is null ? BlockStatus.Ok : _fault(attempt.Bio);
        if (_failed || (_timer is not null && !_timer.TryAdd(attempt, status)))
        {
            attempt.FailPath(BlockStatus.Transport);
        }
        else if (_timer is null)
        {
            attempt.End(status);
        }
    }

    /// <inheritdoc/>
    protected override void Abort(BioAttempt attempt)
    {
        // Only who takes an attempt from the timer may end it, so it does not matter that it may be due right now.
        if (_timer is not null && _timer.TryRemove(attempt))
        {
            attempt.FailPath(BlockStatus.Transport);
        }
    }

    /// <inheritdoc/>
    protected override void AbortAll() => _timer?.AbortAll();

    /// <inheritdoc/>
    protected override void Release()
    {
        lock (_stateLock)
        {
            _released = true;
            _failed = true;
            _timer?.Dispose();
        }
    }
}
