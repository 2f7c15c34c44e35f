using LibMultipath.Block;

namespace LibMultipath.Selection;

/// <summary>The paths that may be chosen: the optimized ones, or, if there are none, the usable ones.</summary>
internal static class Candidates
{
    /// <summary>Counts them.</summary>
    public static int Count(ref PathIterator paths, out bool optimized)
    {
        int usable = 0;
        int best = 0;
        for (Errno step = paths.First(); step == 0; step = paths.Next())
        {
            PathView path = paths.Current;
            best += path.IsOptimized ? 1 : 0;
            usable += path.IsUsable ? 1 : 0;
        }

        optimized = best > 0;
        return optimized ? best : usable;
    }

    /// <summary>Makes one of them current.</summary>
    /// <param name="paths">The paths.</param>
    /// <param name="index">Which, from 0.</param>
    /// <param name="optimized">Whether only the optimized ones count.</param>
    /// <returns>Whether there is such a one: states may have changed since they were counted.</returns>
    public static bool TryMoveTo(ref PathIterator paths, long index, bool optimized)
    {
        for (Errno step = paths.First(); step == 0; step = paths.Next())
        {
            PathView path = paths.Current;
            if ((optimized ? path.IsOptimized : path.IsUsable) && index-- == 0)
            {
                return true;
            }
        }

        return false;
    }
}
