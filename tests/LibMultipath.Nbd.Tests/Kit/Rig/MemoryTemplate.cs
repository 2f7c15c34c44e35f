using LibMultipath.Paths;
using LibMultipath.Selection;

namespace LibMultipath.Nbd.Tests.Kit.Rig;

/// <summary>What a head of <see cref="MemoryPath"/>s needs of its driver.</summary>
internal sealed class MemoryTemplate : IMpathHeadTemplate
{
    public MpathIoPolicy Policy { get; } = new(IoPolicies.RoundRobin);

    public bool AvailablePath(MpathDevice path) => path.Controller.MayComeBack;

    public void RereadState(MpathDevice path) =>
        ThreadPool.UnsafeQueueUserWorkItem(static path => path.AccessState = path.AccessState, path, preferLocal: false);
}
