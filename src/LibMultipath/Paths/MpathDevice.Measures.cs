namespace LibMultipath.Paths;

public sealed partial class MpathDevice
{
    /// <summary>The most that <see cref="Weight"/> can be.</summary>
    public const int MaxWeight = 1_000_000;

    private const int LatencyScale = 8;

    // An hour: more would be no latency, and the scaled number must not overflow.
    private const long LongestLatency = 3_600_000_000_000;

    private PathMeasures _measures;
    private int _weight = 1;

    /// <summary>
    /// How much of the I/O it should get, next to the other paths' weights: for selectors that look at it. From 0 (none,
    /// as long as another path has more) to <see cref="MaxWeight"/>; at first 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is set to something else. Nothing has changed.</exception>
    public int Weight
    {
        get => Volatile.Read(ref _weight);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxWeight);
            if (Interlocked.Exchange(ref _weight, value) != value)
            {
                _head?.Tell(HeadChange.PathWeight, this);
            }
        }
    }

    /// <summary>
    /// How long I/O takes here. Measured while a selector that reads it is in force, of attempts that end well; and told
    /// with <see cref="ReportLatency"/>.
    /// </summary>
    public PathLatency Latency => new(
        Volatile.Read(ref _measures.ScaledLatency) / LatencyScale,
        Volatile.Read(ref _measures.Samples),
        Volatile.Read(ref _measures.LastMeasured));

    /// <summary>Takes a measurement into <see cref="Latency"/> that somebody else has made, a monitor for instance.</summary>
    /// <param name="latency">How long an I/O took: above 0, up to an hour.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is something else. Nothing has changed.</exception>
    public void ReportLatency(TimeSpan latency)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(latency, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(latency, TimeSpan.FromHours(1));
        Measure(latency);
    }

    /// <summary>
    /// Takes a measurement in. Without an interlocked instruction: of measurements at the same time one is lost, and there
    /// are more to come.
    /// </summary>
    internal void Measure(TimeSpan latency)
    {
        long nanoseconds = Math.Clamp((long)latency.TotalNanoseconds, 1, LongestLatency);
        long old = Volatile.Read(ref _measures.ScaledLatency);
        Volatile.Write(ref _measures.ScaledLatency, old == 0 ? nanoseconds * LatencyScale : old - (old / LatencyScale) + nanoseconds);
        Volatile.Write(ref _measures.Samples, _measures.Samples + 1);
        Volatile.Write(ref _measures.LastMeasured, Environment.TickCount64);
    }
}
