using LibMultipath.Paths;

namespace Mpathd.Paths;

/// <summary>A path to a block device: <c>bdev:DEVICE[,node=N][,controller=N][,state=S]</c>.</summary>
/// <param name="Device">The device, as it was given.</param>
/// <param name="Controller">The controller that it shares with the paths that have the same number; null for one of its own.</param>
/// <param name="State">Its access state, until the device tells of another; null for the device's own.</param>
/// <param name="Node">The NUMA node that the path counts as near to; -1 for none.</param>
internal sealed record BdevPathSpec(string Device, int? Controller, MpathAccessState? State, int Node) : PathSpec(Node)
{
    /// <summary>The highest number of a shared controller (<c>cntlid</c>).</summary>
    public const int MaxController = 65_535;
}
