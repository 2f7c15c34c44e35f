using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>Chooses the best path by comparing all of them: among the optimized ones if there are any. Linear in their number.</summary>
internal abstract class LeastSelector(string name) : IMpathSelector
{
    // Where the next one of equal paths is looked for, as a place in the list: after the last one that was taken of such.
    private int _turn;

    public string Name => name;

    public virtual SelectorNeeds Needs => SelectorNeeds.None;

    public int SelectPath(ref PathIterator paths, in SelectContext context)
    {
        PathView best = default;
        bool bestIsOptimized = false;
        bool bestHadItsTurn = false;
        bool areEqual = false;
        int bestPlace = -1;
        int place = -1;
        int turn = Volatile.Read(ref _turn);
        for (Errno step = paths.First(); step == 0; step = paths.Next())
        {
            place++;
            PathView path = paths.Current;
            bool isOptimized = path.IsOptimized;
            if (!isOptimized && !path.IsUsable)
            {
                continue;
            }

            int order = best.IsNone ? -1
                : isOptimized != bestIsOptimized ? (isOptimized ? -1 : 1)
                : Compare(path, best, context);
            areEqual = order == 0 || (order > 0 && areEqual);
            if (order < 0 || (order == 0 && bestHadItsTurn && place >= turn))
            {
                best = path;
                bestIsOptimized = isOptimized;
                bestPlace = place;
                bestHadItsTurn = place < turn;
            }
        }

        // Only then, so that paths which differ cost no write.
        if (areEqual)
        {
            Volatile.Write(ref _turn, bestPlace + 1);
        }

        return paths.MoveTo(best) == 0 ? Chosen(best) : -1;
    }

    /// <summary>
    /// Negative if a path is better than one that comes before it, positive if it is worse. Equal ones are taken in turn, as
    /// dm-multipath moves the one that was taken to the end of its list.
    /// </summary>
    protected abstract int Compare(PathView path, PathView best, in SelectContext context);

    /// <summary>Notes the choice, and answers with it.</summary>
    protected virtual int Chosen(PathView path) => path.ControllerId;
}
