using LibMultipath.Work;

namespace LibMultipath.Paths;

/// <summary>
/// What happens to a head whose last path has gone: it is removed, at once or, when there is a delay, after it, unless
/// a path comes back. While it waits, it holds its driver.
/// </summary>
internal sealed class DelayedRemoval
{
    /// <summary>The longest delay, in seconds: what a timer can take.</summary>
    public const uint MaxSeconds = (uint.MaxValue - 1) / 1000;

    private readonly MpathHead _head;
    private readonly Lock _lock = new();
    private readonly DeferredWork _work;
    private ITimer? _timer;
    private uint _seconds;

    // The hold on the driver, taken when a removal is scheduled; null while none is.
    private IMpathModule? _held;
    private bool _pending;
    private bool _freed;

    public DelayedRemoval(MpathHead head, uint seconds)
    {
        ThrowIfTooLong(seconds);
        _head = head;
        _seconds = seconds;
        _work = new DeferredWork(head.Scheduler, WorkKind.Normal, RemoveIfStillEmpty, exception => head.Logger.RemovalFailed(exception, head.Name));
    }

    /// <summary>Whether the head waits for its removal.</summary>
    public bool IsPending => Volatile.Read(ref _pending);

    public uint Seconds
    {
        get => Volatile.Read(ref _seconds);
        set
        {
            ThrowIfTooLong(value);
            lock (_lock)
            {
                _seconds = value;
                if (value == 0 && _pending)
                {
                    // Nobody waits for a path any more, so there is nothing to delay.
                    _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                    _work.Queue();
                }
            }
        }
    }

    /// <summary>The last path has gone.</summary>
    public void LastPathGone()
    {
        lock (_lock)
        {
            if (_pending || _freed)
            {
                return;
            }

            uint seconds = _seconds;
            if (seconds > 0 && TryHoldDriver())
            {
                _pending = true;
                _head.Logger.RemovalScheduled(_head.Name, seconds);
                _timer ??= _head.TimeProvider.CreateTimer(static removal => ((DelayedRemoval)removal!)._work.Queue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _timer.Change(TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
                return;
            }

            // The work must find the removal pending; without a hold on the driver it has none to give back.
            _pending = true;
        }

        RemoveIfStillEmpty();
    }

    /// <summary>A path was added: what was scheduled does not happen.</summary>
    public void PathAdded()
    {
        lock (_lock)
        {
            if (!_pending)
            {
                return;
            }

            _pending = false;
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            DropDriver();
        }

        _head.Logger.RemovalCancelled(_head.Name);
    }

    /// <summary>The head is being freed: nothing runs after.</summary>
    public void Free()
    {
        lock (_lock)
        {
            _freed = true;
            _pending = false;
            _timer?.Dispose();
            DropDriver();
        }

        _work.Flush();
    }

    private static void ThrowIfTooLong(uint seconds) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seconds, MaxSeconds, "DelayedRemovalSecs");

    private void RemoveIfStillEmpty()
    {
        lock (_lock)
        {
            // The timer may have fired just before a path was added: the list decides, not the timer.
            if (!_pending || _freed || !_head.TryBeginRemoval())
            {
                return;
            }

            _pending = false;
        }

        _head.Logger.Removing(_head.Name);
        try
        {
            if (_head.Template is IMpathRemoveHead remover)
            {
                remover.RemoveHead(_head);
            }
            else
            {
                _head.RemoveDisk();
            }
        }
        finally
        {
            lock (_lock)
            {
                DropDriver();
            }
        }
    }

    private bool TryHoldDriver()
    {
        if (_head.Template is not IMpathModule module)
        {
            return true;
        }

        if (!module.TryGetModule())
        {
            return false;
        }

        _held = module;
        return true;
    }

    private void DropDriver()
    {
        IMpathModule? held = _held;
        _held = null;
        held?.PutModule();
    }
}
