namespace LibMultipath.Nbd.Tests.Kit.Rig;

/// <summary>Time that stands still until it is told to advance, and whose timestamps cannot be compared while it is faulty.</summary>
internal sealed class FaultyTime : TimeProvider
{
    private readonly FakeTimeProvider _time = new();

    public bool IsFaulty { get; set; }

    /// <summary>How often it has thrown.</summary>
    public int Faults { get; private set; }

    public override long TimestampFrequency
    {
        get
        {
            if (IsFaulty)
            {
                Faults++;
                throw new InvalidOperationException("a fault of the clock");
            }

            return _time.TimestampFrequency;
        }
    }

    public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

    public override long GetTimestamp() => _time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _time.CreateTimer(callback, state, dueTime, period);

    public void Advance(TimeSpan by) => _time.Advance(by);
}
