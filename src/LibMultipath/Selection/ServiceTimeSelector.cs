using LibMultipath.Block;

namespace LibMultipath.Selection;

/// <summary>
/// <c>service-time</c>, as dm-multipath's (dm-service-time, 2009): the path on which the bytes in flight and this I/O's would
/// be done first, if its throughput were as its weight says.
/// </summary>
internal sealed class ServiceTimeSelector() : LeastSelector(SelectorName), IMpathSelectorFeedback
{
    public const string SelectorName = "service-time";

    private readonly PathTable<long> _inFlight = new();

    public static SelectorDefinition Definition { get; } = new(
        SelectorName, "the path whose bytes in flight are done first, by its weight (dm-service-time)", [], static _ => new ServiceTimeSelector());

    public void Started(PathView path, long bytes) => Interlocked.Add(ref _inFlight[path], bytes);

    public void Ended(PathView path, long bytes, TimeSpan duration, BlockStatus status) => Interlocked.Add(ref _inFlight[path], -bytes);

    protected override int Compare(PathView path, PathView best, in SelectContext context)
    {
        int weight = path.Weight;
        int bestWeight = best.Weight;
        Int128 left = (Int128)(Volatile.Read(ref _inFlight[path]) + context.Bytes) * bestWeight;
        Int128 right = (Int128)(Volatile.Read(ref _inFlight[best]) + context.Bytes) * weight;
        return left == right ? bestWeight.CompareTo(weight) : left.CompareTo(right);
    }
}
