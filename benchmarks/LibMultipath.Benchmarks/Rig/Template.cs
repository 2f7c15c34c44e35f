using LibMultipath.Paths;

namespace LibMultipath.Benchmarks.Rig;

/// <summary>The driver's part of a head that never waits for a path.</summary>
internal sealed class Template(PathSelector selector) : IMpathHeadTemplate
{
    public MpathIoPolicy Policy { get; } = new(selector);

    public bool AvailablePath(MpathDevice path) => false;

    public void RereadState(MpathDevice path)
    {
    }
}
