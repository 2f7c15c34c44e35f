using LibMultipath.Nbd.Tests.Kit.Tools;
using LibMultipath.Paths;

namespace LibMultipath.Nbd.Tests.Kit.Rig;

/// <summary>What tests of paths have: a head, and a folder for its servers, which outlives it.</summary>
public abstract class PathTests : IDisposable
{
    private protected TempFolder Folder { get; } = new();

    private protected NbdRig Rig { get; } = new();

    /// <summary>Waits until the first path knows that it has no connection, and wants one.</summary>
    private protected void AwaitConnecting() =>
        Eventually.True(() => Rig.Devices[0].Controller.State == MpathControllerState.Connecting, "the controller to be connecting");

    public void Dispose()
    {
        Rig.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
