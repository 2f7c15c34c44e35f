using LibMultipath.Nbd.Tests.Kit.Tools;

namespace LibMultipath.Nbd.Tests.Kit.Rig;

/// <summary>What tests of paths have: a head, and a folder for its servers, which outlives it.</summary>
public abstract class PathTests : IDisposable
{
    private protected TempFolder Folder { get; } = new();

    private protected NbdRig Rig { get; } = new();

    public void Dispose()
    {
        Rig.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
