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
    private uint _seconds;

    // The removal that is to come; null while none is. Each has a timer of its own, so that one that fires late, for
    // a removal that was cancelled, does not end the wait of the next.
    private Scheduled? _scheduled;

    // The head is removed or freed: there is nothing to decide any more.
    private bool _over;

    public DelayedRemoval(MpathHead head, uint seconds)
    {
        ThrowIfTooLong(seconds);
        _head = head;
        _seconds = seconds;
        _work = new DeferredWork(head.Scheduler, WorkKind.Normal, RemoveIfStillEmpty, exception => head.Logger.RemovalFailed(exception, head.Name));
    }

    /// <summary>Whether the head waits for its removal.</summary>
    public bool IsPending => Volatile.Read(ref _scheduled) is not null;

    public uint Seconds
    {
        get => Volatile.Read(ref _seconds);
        set
        {
            ThrowIfTooLong(value);
            lock (_lock)
            {
                Volatile.Write(ref _seconds, value);
                if (value == 0 && _scheduled is { } scheduled)
                {
                    // Nobody waits for a path any more, so there is nothing to delay.
                    scheduled.IsDue = true;
                    scheduled.Timer?.Dispose();
                    _work.Queue();
                }
            }
        }
    }

    /// <summary>The last path has gone, or so it seemed.</summary>
    public void LastPathGone()
    {
        lock (_lock)
        {
            // Another may have come meanwhile. One that comes later finds what is scheduled here, and cancels it.
            if (_over || _scheduled is not null || _head.PathCount != 0)
            {
                return;
            }

            uint seconds = _seconds;
            if (seconds > 0 && TryHoldDriver(out IMpathModule? module))
            {
                _head.Logger.RemovalScheduled(_head.Name, seconds);
                if (_head.Hooks.RemovalScheduled.IsAttached)
                {
                    // Under the lock, so that nobody is told of the end before the beginning.
                    _head.Raise(_head.Hooks.RemovalScheduled, new RemovalScheduledArgs(_head, seconds));
                }

                var scheduled = new Scheduled(this, module);
                _scheduled = scheduled;
                scheduled.Timer = _head.TimeProvider.CreateTimer(
                    static state => ((Scheduled)state!).OnTimer(), scheduled, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
                return;
            }

            _scheduled = new Scheduled(this, null) { IsDue = true };
        }

        RemoveIfStillEmpty();
    }

    /// <summary>A path was added: what was scheduled does not happen.</summary>
    public void PathAdded()
    {
        Scheduled? cancelled;
        lock (_lock)
        {
            cancelled = _scheduled;
            if (cancelled is null || _head.PathCount == 0)
            {
                return;
            }

            _scheduled = null;
        }

        cancelled.End();
        _head.Logger.RemovalCancelled(_head.Name);
        if (_head.Hooks.RemovalCancelled.IsAttached)
        {
            _head.Raise(_head.Hooks.RemovalCancelled, new RemovalCancelledArgs(_head));
        }
    }

    /// <summary>The head is being freed: nothing runs after.</summary>
    public void Free()
    {
        Scheduled? cancelled;
        lock (_lock)
        {
            _over = true;
            cancelled = _scheduled;
            _scheduled = null;
        }

        cancelled?.End();
        _work.Flush();
    }

    private static void ThrowIfTooLong(uint seconds) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seconds, MaxSeconds, nameof(MpathHead.DelayedRemovalSecs));

    private void RemoveIfStillEmpty()
    {
        Scheduled removal;
        lock (_lock)
        {
            // The timer may have fired just before a path was added: the list decides, not the timer.
            if (_scheduled is not { IsDue: true } || !_head.TryBeginRemoval())
            {
                return;
            }

            removal = _scheduled;
            _scheduled = null;
            _over = true;
        }

        _head.Logger.Removing(_head.Name);
        try
        {
            // No path can come to this head any more: its namespace may get another one.
            _head.Subsystem?.Forget(_head);
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
            removal.End();
        }
    }

    // True without a module too: a driver that cannot be unloaded needs no hold.
    private bool TryHoldDriver(out IMpathModule? module)
    {
        module = _head.Template as IMpathModule;
        return module is null || module.TryGetModule();
    }

    /// <summary>A removal that is to come, with its hold on the driver.</summary>
    private sealed class Scheduled(DelayedRemoval owner, IMpathModule? module)
    {
        public ITimer? Timer { get; set; }

        /// <summary>Whether it need not wait any more. Under the lock.</summary>
        public bool IsDue { get; set; }

        public void OnTimer()
        {
            lock (owner._lock)
            {
                IsDue = true;
                if (!ReferenceEquals(owner._scheduled, this))
                {
                    return;
                }

                owner._work.Queue();
            }
        }

        /// <summary>It is over: done or cancelled. Called once.</summary>
        public void End()
        {
            Timer?.Dispose();
            module?.PutModule();
        }
    }
}
