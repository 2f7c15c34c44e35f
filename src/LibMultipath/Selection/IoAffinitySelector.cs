using LibMultipath.Block;

namespace LibMultipath.Selection;

/// <summary>
/// <c>io-affinity</c>, after dm-multipath's (dm-io-affinity, 2020): each processor has a path of its own, one near to its node
/// if there is one, so that an I/O is submitted and completed where it came from.
/// </summary>
internal sealed class IoAffinitySelector : IMpathSelector
{
    public const string SelectorName = "io-affinity";

    public static SelectorDefinition Definition { get; } = new(
        SelectorName, "each processor has its path, a near one if there is one (dm-io-affinity)", [], static _ => new IoAffinitySelector());

    public string Name => SelectorName;

    public int SelectPath(ref PathIterator paths, in SelectContext context)
    {
        int count = Candidates.Count(ref paths, out bool optimized);
        if (count == 0)
        {
            return -1;
        }

        int near = 0;
        for (Errno step = paths.First(); step == 0; step = paths.Next())
        {
            near += IsNear(paths.Current, optimized, context.Node) ? 1 : 0;
        }

        int wanted = SelectContext.Cpu % (near > 0 ? near : count);
        if (near == 0)
        {
            return Candidates.TryMoveTo(ref paths, wanted, optimized) ? paths.Current.ControllerId : -1;
        }

        for (Errno step = paths.First(); step == 0; step = paths.Next())
        {
            if (IsNear(paths.Current, optimized, context.Node) && wanted-- == 0)
            {
                return paths.Current.ControllerId;
            }
        }

        return -1;
    }

    private static bool IsNear(PathView path, bool optimized, int node) =>
        path.NumaNode == node && (optimized ? path.IsOptimized : path.IsUsable);
}
