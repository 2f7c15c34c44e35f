using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>
/// <c>round-robin</c> (<c>nvme_round_robin_path</c>): the next optimized path after the current one. Constant time
/// while the next path is optimized, linear in the number of paths that have to be skipped.
/// </summary>
internal sealed class RoundRobinSelector() : PathSelector("round-robin", SelectorNeeds.None, usesDistance: false)
{
    internal override MpathDevice? Select(MpathHead head, int node, Bio? bio)
    {
        ref MpathDevice? current = ref head.Current(node);
        MpathDevice? old = current;
        if (old is null)
        {
            return Scan(head, node);
        }

        MpathDevice[] paths = head.PathList;
        if (paths.Length == 1)
        {
            MpathDevice only = paths[0];
            return only.State is PathState.UsableOptimized or PathState.UsableNonOptimized ? only : null;
        }

        // The next path is optimized: the usual case, without a loop.
        int index = old.Index;
        if ((uint)index < (uint)paths.Length && ReferenceEquals(paths[index], old))
        {
            int next = index + 1;
            MpathDevice candidate = paths[(uint)next < (uint)paths.Length ? next : 0];
            if (candidate.State == PathState.UsableOptimized)
            {
                current = candidate;
                return candidate;
            }
        }

        return Walk(paths, ref current, old);
    }

    /// <summary>
    /// Goes once round the ring, from the path after the current one up to but not including it. Of several
    /// non-optimized paths the last one seen is kept, as Linux does: then the ring is gone round backwards.
    /// </summary>
    private static MpathDevice? Walk(MpathDevice[] paths, ref MpathDevice? current, MpathDevice old)
    {
        // A current path that has left the list is in no place of it. The walk then begins where it was and sees
        // every path, and ends in any case: it counts.
        int start = IndexOf(paths, old);
        int steps = start < 0 ? paths.Length : paths.Length - 1;
        int index = start < 0 ? Math.Max(Math.Min(old.Index, paths.Length) - 1, -1) : start;
        MpathDevice? found = null;
        for (; steps > 0; steps--)
        {
            index = index + 1 < paths.Length ? index + 1 : 0;
            MpathDevice path = paths[index];
            PathState state = path.State;
            if (state == PathState.UsableOptimized)
            {
                current = path;
                return path;
            }

            if (state == PathState.UsableNonOptimized)
            {
                found = path;
            }
        }

        PathState oldState = old.State;
        if (oldState == PathState.UsableOptimized || (oldState == PathState.UsableNonOptimized && found is null))
        {
            return old;
        }

        if (found is not null)
        {
            current = found;
        }

        return found;
    }

    private static int IndexOf(MpathDevice[] paths, MpathDevice path)
    {
        int index = path.Index;
        return (uint)index < (uint)paths.Length && ReferenceEquals(paths[index], path) ? index : Array.IndexOf(paths, path);
    }
}
