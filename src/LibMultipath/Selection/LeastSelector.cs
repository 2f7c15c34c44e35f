using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>Chooses the best path by comparing all of them: among the optimized ones if there are any. Linear in their number.</summary>
internal abstract class LeastSelector(string name) : IMpathSelector
{
    public string Name => name;

    public virtual SelectorNeeds Needs => SelectorNeeds.None;

    public int SelectPath(ref PathIterator paths, in SelectContext context)
    {
        PathView best = default;
        bool bestIsOptimized = false;
        for (Errno step = paths.First(); step == 0; step = paths.Next())
        {
            PathView path = paths.Current;
            bool isOptimized = path.IsOptimized;
            if ((isOptimized || path.IsUsable)
                && (best.IsNone || (isOptimized == bestIsOptimized ? IsBetter(path, best, context) : isOptimized)))
            {
                best = path;
                bestIsOptimized = isOptimized;
            }
        }

        return paths.MoveTo(best) == 0 ? Chosen(best) : -1;
    }

    /// <summary>Whether a path is better than one that comes before it. Of equal ones the first is taken.</summary>
    protected abstract bool IsBetter(PathView path, PathView best, in SelectContext context);

    /// <summary>Notes the choice, and answers with it.</summary>
    protected virtual int Chosen(PathView path) => path.ControllerId;
}
