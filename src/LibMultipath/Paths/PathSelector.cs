using LibMultipath.Block;

namespace LibMultipath.Paths;

/// <summary>
/// A way of choosing a path, as a policy names it: one object serves any number of heads. The ones there are:
/// <c>LibMultipath.Selection.IoPolicies</c>. What users write is an <c>LibMultipath.Selection.IMpathSelector</c>.
/// </summary>
public abstract class PathSelector
{
    /// <summary>What has to be kept while selection is done so.</summary>
    internal readonly SelectorNeeds Needs;

    /// <summary>Whether a near path is better than one far from the submitter.</summary>
    internal readonly bool UsesDistance;

    private protected PathSelector(string name, SelectorNeeds needs, bool usesDistance)
    {
        Name = name;
        Needs = needs;
        UsesDistance = usesDistance;
    }

    /// <summary>The name, as in the kernel's <c>iopolicy</c>.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Chooses a path, inside a read section of the head. Allocates nothing and takes no lock.</summary>
    /// <param name="head">The head.</param>
    /// <param name="node">The node of the submitter.</param>
    /// <param name="bio">What is to go down the path; null for something that is not a bio.</param>
    internal abstract MpathDevice? Select(MpathHead head, int node, Bio? bio);

    /// <summary>What selects for one head: this, unless it keeps something for each.</summary>
    internal virtual PathSelector For(MpathHead head) => this;

    /// <summary>Whether another one selects as this does.</summary>
    internal virtual bool IsSame(PathSelector other) => ReferenceEquals(this, other);

    /// <summary>Whether it selects no more, because of its faults: what selects instead does not change until it is set again.</summary>
    internal virtual bool IsEnded => false;

    /// <summary>It does not select for its head any more. What <see cref="For"/> has made is told nothing after the next grace period.</summary>
    internal virtual void Retire()
    {
    }

    /// <summary>An attempt begins on a path; only called under <see cref="SelectorNeeds.Feedback"/>.</summary>
    internal virtual void Started(MpathDevice path, Bio bio)
    {
    }

    /// <summary>An attempt has ended, inside a read section of the head; likewise. Never without <see cref="Started"/>.</summary>
    internal virtual void Ended(MpathDevice path, Bio bio, TimeSpan duration, BlockStatus status)
    {
    }

    /// <summary>
    /// Looks at every path (<c>__nvme_find_path</c>): the nearest optimized one, else the nearest non-optimized one,
    /// and makes it the node's current path. Of several that are equally near, the first in the list. Cost: linear
    /// in the number of paths.
    /// </summary>
    internal MpathDevice? Scan(MpathHead head, int node)
    {
        MpathDevice? found = null;
        MpathDevice? fallback = null;
        int foundDistance = int.MaxValue;
        int fallbackDistance = int.MaxValue;
        foreach (MpathDevice path in head.PathList)
        {
            PathState state = path.State;
            if (state is not (PathState.UsableOptimized or PathState.UsableNonOptimized))
            {
                continue;
            }

            int distance = UsesDistance ? head.DistanceTo(node, path.NumaNode) : MpathHead.LocalDistance;
            if (state == PathState.UsableOptimized)
            {
                if (distance < foundDistance)
                {
                    foundDistance = distance;
                    found = path;
                }
            }
            else if (distance < fallbackDistance)
            {
                fallbackDistance = distance;
                fallback = path;
            }
        }

        found ??= fallback;
        if (found is not null)
        {
            ref MpathDevice? current = ref head.Current(node);
            MpathDevice? old = current;
            current = found;
            if (!ReferenceEquals(old, found) && head.Hooks.CurrentPathChanged.IsAttached)
            {
                head.Hooks.CurrentPathChanged.Raise(new CurrentPathChangedArgs(node, old, found));
            }
        }

        return found;
    }
}
