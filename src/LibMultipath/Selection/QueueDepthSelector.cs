using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>
/// <c>queue-depth</c> (<c>nvme_queue_depth_path</c>): the path whose controller has the fewest I/Os in flight, among
/// the optimized ones if there are any. Linear in the number of paths, but an idle optimized path ends the search.
/// </summary>
internal sealed class QueueDepthSelector() : PathSelector("queue-depth", SelectorNeeds.Load, usesDistance: false)
{
    internal override MpathDevice? Select(MpathHead head, int node, Bio? bio)
    {
        MpathDevice? best = null;
        MpathDevice? fallback = null;
        int bestDepth = int.MaxValue;
        int fallbackDepth = int.MaxValue;
        foreach (MpathDevice path in head.PathList)
        {
            PathState state = path.State;
            if (state == PathState.UsableOptimized)
            {
                int depth = path.Controller.ActiveCount;
                if (depth < bestDepth)
                {
                    bestDepth = depth;
                    best = path;
                    if (depth == 0)
                    {
                        return path;
                    }
                }
            }
            else if (state == PathState.UsableNonOptimized)
            {
                int depth = path.Controller.ActiveCount;
                if (depth < fallbackDepth)
                {
                    fallbackDepth = depth;
                    fallback = path;
                }
            }
        }

        return best ?? fallback;
    }
}
