namespace LibMultipath.Tests.Kit;

/// <summary>
/// Time that stands still until it is told to advance. Timers fire inside <see cref="Advance"/> and nowhere else, on the
/// thread that calls it, in the order in which they are due (those due together: in the order in which they were set),
/// each while the clock shows the time for which it was set. A timer that is due at once therefore fires in the next
/// Advance, even one by nothing, and whoever sets it never finds itself called back under its own lock.
/// </summary>
internal sealed class FakeTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<FakeTimer> _armed = [];
    private readonly DateTimeOffset _start;
    private TimeSpan _elapsed;
    private long _order;
    private bool _advancing;

    public FakeTimeProvider()
        : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    public FakeTimeProvider(DateTimeOffset start)
    {
        _start = start.ToUniversalTime();
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How long it has been advanced, in all.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_lock)
            {
                return _elapsed;
            }
        }
    }

    /// <summary>The timers that will fire; a test that waits for one to be set looks here.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_lock)
            {
                return _armed.Count;
            }
        }
    }

    /// <summary>How long until the next timer is due, or null when none is set.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            lock (_lock)
            {
                return Next() is { } timer ? timer.Due - _elapsed : null;
            }
        }
    }

    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    public override long GetTimestamp() => Elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        FakeTimer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>
    /// Lets time pass, and fires what becomes due, timers that callbacks set included. What a callback throws comes out,
    /// with the clock where it was.
    /// </summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        TimeSpan end;
        lock (_lock)
        {
            if (_advancing)
            {
                throw new InvalidOperationException("Time is being advanced already, by a callback's caller or by another thread.");
            }

            _advancing = true;
            end = _elapsed + by;
        }

        try
        {
            while (TakeDue(end) is { } timer)
            {
                timer.Fire();
            }
        }
        finally
        {
            lock (_lock)
            {
                _advancing = false;
            }
        }
    }

    internal bool Arm(FakeTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            if (timer.IsDisposed)
            {
                return false;
            }

            _armed.Remove(timer);
            timer.Period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                Set(timer, _elapsed + dueTime);
            }

            return true;
        }
    }

    internal void Disarm(FakeTimer timer)
    {
        lock (_lock)
        {
            timer.IsDisposed = true;
            _armed.Remove(timer);
        }
    }

    // The clock is moved to the timer, or to the end when there is none left.
    private FakeTimer? TakeDue(TimeSpan end)
    {
        lock (_lock)
        {
            if (Next() is not { } timer || timer.Due > end)
            {
                _elapsed = end;
                return null;
            }

            _elapsed = timer.Due;
            _armed.Remove(timer);

            // As with the system's timers, a period of zero is no period.
            if (timer.Period > TimeSpan.Zero)
            {
                Set(timer, timer.Due + timer.Period);
            }

            return timer;
        }
    }

    private FakeTimer? Next() => _armed.MinBy(timer => (timer.Due, timer.Order));

    private void Set(FakeTimer timer, TimeSpan due)
    {
        timer.Due = due;
        timer.Order = _order++;
        _armed.Add(timer);
    }
}
