using LibMultipath.Block;

namespace LibMultipath.Selection;

/// <summary>
/// <c>io-affinity</c>, after dm-multipath's (dm-io-affinity, 2020): each processor has a path of its own, one near to its node
/// if there is one, so that an I/O is submitted and completed where it came from.
/// </summary>
internal sealed class IoAffinitySelector : IMpathSelector
{
    public const string SelectorName = "io-affinity";

    // As many as Linux can have.
    private const int MaxProcessors = 8192;
    private const int MaxNodes = 1024;

    public static SelectorDefinition Definition { get; } = new(
        SelectorName, "each processor has its path, a near one if there is one (dm-io-affinity)", [], static _ => new IoAffinitySelector());

    // Which of its node's processors a processor is, as they come: their ids say nothing of that. -1 before it has come.
    private readonly int[] _ranks = [.. Enumerable.Repeat(-1, MaxProcessors)];
    private readonly int[] _seen = new int[MaxNodes];

    public string Name => SelectorName;

    public int SelectPath(ref PathIterator paths, in SelectContext context)
    {
        var candidates = Candidates.Among(ref paths);
        if (candidates.Count == 0)
        {
            return -1;
        }

        int near = 0;
        for (Errno step = paths.First(); step == 0; step = paths.Next())
        {
            near += IsNear(paths.Current, candidates, context.Node) ? 1 : 0;
        }

        int wanted = RankOf(SelectContext.Cpu, context.Node) % (near > 0 ? near : candidates.Count);
        if (near == 0)
        {
            return candidates.TryMoveTo(ref paths, wanted) ? paths.Current.ControllerId : -1;
        }

        for (Errno step = paths.First(); step == 0; step = paths.Next())
        {
            if (IsNear(paths.Current, candidates, context.Node) && wanted-- == 0)
            {
                return paths.Current.ControllerId;
            }
        }

        return -1;
    }

    private int RankOf(int cpu, int node)
    {
        ref int rank = ref _ranks[cpu % MaxProcessors];
        int known = Volatile.Read(ref rank);
        if (known >= 0)
        {
            return known;
        }

        int mine = Interlocked.Increment(ref _seen[node % MaxNodes]) - 1;
        known = Interlocked.CompareExchange(ref rank, mine, -1);
        return known < 0 ? mine : known;
    }

    private static bool IsNear(PathView path, Candidates candidates, int node) => path.NumaNode == node && candidates.Has(path);
}
