namespace LibMultipath.Nbd.Tests.Kit.Rig;

/// <summary>Time that stands still until it is told to advance, and can pass without a timer that fires, as for a machine that sleeps.</summary>
internal sealed class SuspendedTime : TimeProvider
{
    private readonly FakeTimeProvider _time = new();
    private long _slept;

    public override long TimestampFrequency => _time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _time.GetUtcNow().AddTicks(Volatile.Read(ref _slept));

    public override long GetTimestamp() => _time.GetTimestamp() + Volatile.Read(ref _slept);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _time.CreateTimer(callback, state, dueTime, period);

    public void Suspend(TimeSpan time) => Volatile.Write(ref _slept, _slept + time.Ticks);

    public void Advance(TimeSpan by) => _time.Advance(by);
}
