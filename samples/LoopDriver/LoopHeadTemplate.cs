using LibMultipath.Attributes;
using LibMultipath.Paths;

namespace LoopDriver;

/// <summary>What a head of loop paths needs of its driver.</summary>
/// <param name="policy">How paths are selected; heads that share the object share the policy.</param>
public sealed class LoopHeadTemplate(MpathIoPolicy policy) : IMpathHeadTemplate, IMpathDeviceGroups
{
    /// <inheritdoc/>
    public MpathIoPolicy Policy { get; } = policy;

    /// <summary>A path that failed can be restored for as long as it is not removed, unless its controller is gone for good.</summary>
    public bool AvailablePath(MpathDevice path) => path.Controller.MayComeBack;

    /// <summary>
    /// The state of a loop path is what it was set to, so there is nothing to ask anybody; setting it again ends the
    /// wait. Setting blocks, and the thread that calls must not, so another one does it.
    /// </summary>
    public void RereadState(MpathDevice path) =>
        ThreadPool.UnsafeQueueUserWorkItem(static path => path.AccessState = path.AccessState, path, preferLocal: false);

    /// <summary>What the kernel's loop device shows: the file, and whether I/O goes past the page cache.</summary>
    public IEnumerable<MpathAttributeNode> AttributesOf(MpathDevice path) => path.Disk is LoopPath loop
        ? [new MpathAttributeGroup("loop", new MpathAttribute("backing_file", () => loop.File), new MpathAttribute("dio", () => loop.IsDirect ? "1" : "0"))]
        : [];
}
