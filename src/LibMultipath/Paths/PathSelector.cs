namespace LibMultipath.Paths;

/// <summary>
/// A way of choosing a path. Stateless: what it remembers (the current path of each node) is the head's, so one
/// object serves any number of heads. The ones there are: <c>LibMultipath.Selection.IoPolicies</c>.
/// </summary>
public abstract class PathSelector
{
    /// <summary>Whether selection reads <see cref="MpathController.ActiveCount"/>, so that it has to be kept.</summary>
    internal readonly bool CountsLoad;

    private readonly bool _usesDistance;

    private protected PathSelector(string name, bool countsLoad, bool usesDistance)
    {
        Name = name;
        CountsLoad = countsLoad;
        _usesDistance = usesDistance;
    }

    /// <summary>The name, as in the kernel's <c>iopolicy</c>.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Chooses a path, inside a read section of the head. Allocates nothing and takes no lock.</summary>
    internal abstract MpathDevice? Select(MpathHead head, int node);

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

            int distance = _usesDistance ? head.DistanceTo(node, path.NumaNode) : MpathHead.LocalDistance;
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
            head.Current(node) = found;
        }

        return found;
    }
}
