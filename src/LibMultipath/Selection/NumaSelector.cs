using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>
/// <c>numa</c>: the current path of the node as long as it is optimized, else the nearest. A non-optimized current
/// path is looked at again on every I/O, so that an optimized path that comes back is taken at once.
/// </summary>
internal sealed class NumaSelector() : PathSelector("numa", SelectorNeeds.None, usesDistance: true)
{
    internal override MpathDevice? Select(MpathHead head, int node, Bio? bio)
    {
        // Disabled counts as well, unlike in nvme: a path that is being removed must not be taken for being current.
        MpathDevice? current = head.Current(node);
        return current is { State: PathState.UsableOptimized } ? current : Scan(head, node);
    }
}
