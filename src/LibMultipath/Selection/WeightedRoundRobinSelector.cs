using LibMultipath.Block;

namespace LibMultipath.Selection;

/// <summary>
/// <c>weighted-round-robin</c>, as dm-multipath's round-robin was with its repeat count: the paths in turn, each for so many
/// I/Os as the repeat count times its weight. One interlocked instruction an I/O.
/// </summary>
internal sealed class WeightedRoundRobinSelector(long repeat) : IMpathSelector
{
    public const string SelectorName = "weighted-round-robin";

    private const string Repeat = "repeat";
    private long _ticket = -1;

    public static SelectorDefinition Definition { get; } = new(
        SelectorName,
        "the paths in turn, each as often as its weight says (dm round-robin)",
        [new SelectorParameter(Repeat, "how many I/Os a path of weight 1 has in its turn", 1, 1, 1_000_000)],
        static values => new WeightedRoundRobinSelector(values[Repeat]));

    public string Name => SelectorName;

    public int SelectPath(ref PathIterator paths, in SelectContext context)
    {
        var candidates = Candidates.Among(ref paths, byWeight: true);
        if (candidates.Count == 0)
        {
            return -1;
        }

        long weights = 0;
        for (Errno step = paths.First(); step == 0; step = paths.Next())
        {
            weights += WeightOf(paths.Current, candidates);
        }

        if (weights == 0)
        {
            return candidates.TryMoveTo(ref paths, 0) ? paths.Current.ControllerId : -1;
        }

        // Never negative: it would have to count for centuries.
        long turn = Interlocked.Increment(ref _ticket) / repeat % weights;
        for (Errno step = paths.First(); step == 0; step = paths.Next())
        {
            turn -= WeightOf(paths.Current, candidates);
            if (turn < 0)
            {
                return paths.Current.ControllerId;
            }
        }

        return -1;
    }

    private static int WeightOf(PathView path, Candidates candidates) => candidates.Has(path) ? path.Weight : 0;
}
