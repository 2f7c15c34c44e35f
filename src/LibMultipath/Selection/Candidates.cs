using LibMultipath.Block;

namespace LibMultipath.Selection;

/// <summary>
/// The paths that may be chosen: the optimized ones, or, if there are none, the usable ones. If weights count, of them those that
/// have some, or, if none has, all.
/// </summary>
/// <param name="Count">How many there are.</param>
internal readonly record struct Candidates(int Count)
{
    private bool Optimized { get; init; }

    private bool Weighted { get; init; }

    /// <summary>Looks at all paths.</summary>
    public static Candidates Among(ref PathIterator paths, bool byWeight = false)
    {
        int usable = 0;
        int usableWeighted = 0;
        int optimized = 0;
        int optimizedWeighted = 0;
        for (Errno step = paths.First(); step == 0; step = paths.Next())
        {
            PathView path = paths.Current;
            if (path.IsUsable)
            {
                int weighted = byWeight && path.Weight > 0 ? 1 : 0;
                usable++;
                usableWeighted += weighted;
                if (path.IsOptimized)
                {
                    optimized++;
                    optimizedWeighted += weighted;
                }
            }
        }

        int weightedHere = optimized > 0 ? optimizedWeighted : usableWeighted;
        int all = optimized > 0 ? optimized : usable;
        return new Candidates(weightedHere > 0 ? weightedHere : all) { Optimized = optimized > 0, Weighted = weightedHere > 0 };
    }

    /// <summary>Whether a path is one of them.</summary>
    public bool Has(PathView path) => (Optimized ? path.IsOptimized : path.IsUsable) && (!Weighted || path.Weight > 0);

    /// <summary>Makes one of them current.</summary>
    /// <param name="paths">The paths.</param>
    /// <param name="index">Which, from 0.</param>
    /// <returns>Whether there is such a one: states may have changed since they were looked at.</returns>
    public bool TryMoveTo(ref PathIterator paths, long index)
    {
        for (Errno step = paths.First(); step == 0; step = paths.Next())
        {
            if (Has(paths.Current) && index-- == 0)
            {
                return true;
            }
        }

        return false;
    }
}
