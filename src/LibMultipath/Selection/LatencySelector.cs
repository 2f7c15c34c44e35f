using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>
/// <c>latency</c>: of two paths taken at random, the one with the smaller product of smoothed latency and I/Os in flight, by
/// its weight (the power of two choices: Mitzenmacher, 2001). Two of many are enough to keep all of them evenly busy, and
/// unlike the best of all, they do not send everybody to the same path at once.
/// </summary>
internal sealed class LatencySelector(long probeMilliseconds) : IMpathSelector
{
    public const string SelectorName = "latency";

    private readonly PathTable<long> _tried = new();

    public static SelectorDefinition Definition { get; } = new(
        SelectorName,
        "of two paths at random, the one with less latency times load",
        [Probe.Parameter],
        static values => new LatencySelector(values[Probe.Key]));

    public string Name => SelectorName;

    public SelectorNeeds Needs => SelectorNeeds.Latency | SelectorNeeds.Load;

    public int SelectPath(ref PathIterator paths, in SelectContext context)
    {
        var candidates = Candidates.Among(ref paths, byWeight: true);
        int count = candidates.Count;
        if (count == 0)
        {
            return -1;
        }

        int first = count == 1 ? 0 : Random.Shared.Next(count);
        if (!candidates.TryMoveTo(ref paths, first))
        {
            return -1;
        }

        if (count == 1)
        {
            return paths.Current.ControllerId;
        }

        PathView one = paths.Current;
        int second = (first + 1 + Random.Shared.Next(count - 1)) % count;
        if (!candidates.TryMoveTo(ref paths, second))
        {
            return paths.MoveTo(one) == 0 ? one.ControllerId : -1;
        }

        PathView other = paths.Current;
        if (IsTried(other))
        {
            return other.ControllerId;
        }

        return (IsTried(one) || IsBetter(one, other)) && paths.MoveTo(one) == 0 ? one.ControllerId : paths.Current.ControllerId;
    }

    /// <summary>Whether this I/O is to find out how the path is now.</summary>
    private bool IsTried(PathView path)
    {
        ref long tried = ref _tried[path];
        long last = Math.Max(path.Latency.LastMeasured, Volatile.Read(ref tried));
        if (!Probe.IsDue(last, probeMilliseconds))
        {
            return false;
        }

        Volatile.Write(ref tried, Environment.TickCount64);
        return true;
    }

    // As long as nothing is known of one of them, the load decides: it is tried, but not by everybody at once.
    private static bool IsBetter(PathView path, PathView other)
    {
        long latency = path.Latency.Smoothed;
        long otherLatency = other.Latency.Smoothed;
        return latency == 0 || otherLatency == 0
            ? Cost(1, path) <= Cost(1, other)
            : Cost(latency, path) <= Cost(otherLatency, other);
    }

    private static double Cost(long latency, PathView path) => latency * (path.Load + 1.0) / Math.Max(path.Weight, 1e-6);
}
