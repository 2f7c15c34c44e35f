namespace LibMultipath.Tests.Kit;

/// <summary>A timer of a <see cref="FakeTimeProvider"/>, whose lock guards everything that changes here.</summary>
internal sealed class FakeTimer(FakeTimeProvider provider, TimerCallback callback, object? state) : ITimer
{
    // The longest that the system's timers take.
    private static readonly TimeSpan s_max = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    // Null when the flow is suppressed, as it is for a timer that must not keep its maker's context alive.
    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    public TimeSpan Due { get; set; }

    public TimeSpan Period { get; set; }

    public long Order { get; set; }

    public bool IsDisposed { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        return provider.Arm(this, dueTime, period);
    }

    public void Dispose() => provider.Disarm(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Fire()
    {
        if (_context is null)
        {
            callback(state);
        }
        else
        {
            ExecutionContext.Run(_context, static timer => ((FakeTimer)timer!).Call(), this);
        }
    }

    private static void Check(TimeSpan time, string name)
    {
        if (time != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(time, s_max, name);
        }
    }

    private void Call() => callback(state);
}
