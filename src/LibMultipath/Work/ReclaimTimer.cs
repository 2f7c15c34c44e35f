namespace LibMultipath.Work;

/// <summary>
/// A timer that fires even while every thread of the pool is blocked, unlike those of the system's time, which fire on
/// the pool: what frees the threads may have to wait for time to pass. With another <see cref="TimeProvider"/> than the
/// system's it is one of that provider's timers.
/// </summary>
/// <remarks>
/// The callback must not block, nor throw: the system's time has one thread for all of these timers; what may block is a
/// <see cref="DeferredWork"/> that it queues. It can be called once more after the timer was set anew or disposed, so it looks
/// for itself what is due. All members may be used on any thread.
/// </remarks>
public sealed class ReclaimTimer : IDisposable
{
    private readonly ITimer? _timer;
    private readonly Action _callback;

    /// <summary>Makes a timer that is not set.</summary>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="callback">Called when it fires.</param>
    public ReclaimTimer(TimeProvider timeProvider, Action callback)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentNullException.ThrowIfNull(callback);
        _callback = callback;
        if (!ReferenceEquals(timeProvider, TimeProvider.System))
        {
            _timer = timeProvider.CreateTimer(
                static state => ((ReclaimTimer)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Fires once, so long from now; what was set before is forgotten.</summary>
    /// <param name="due">Not negative; <see cref="Timeout.InfiniteTimeSpan"/> for never.</param>
    public void Set(TimeSpan due)
    {
        if (_timer is not null)
        {
            // The provider's own timers count in whole milliseconds, and must not fire before it is time.
            _timer.Change(due == Timeout.InfiniteTimeSpan ? due : TimeSpan.FromMilliseconds(Math.Ceiling(due.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        }
        else
        {
            ReclaimTimerThread.Set(this, due);
        }
    }

    /// <summary>It fires no more, but for a call that is on its way.</summary>
    public void Dispose()
    {
        if (_timer is not null)
        {
            _timer.Dispose();
        }
        else
        {
            ReclaimTimerThread.Set(this, Timeout.InfiniteTimeSpan);
        }
    }

    internal void Fire() => _callback();
}
