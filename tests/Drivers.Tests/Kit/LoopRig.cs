using LibMultipath.Paths;
using LibMultipath.Selection;
using LoopDriver;

namespace Drivers.Tests.Kit;

/// <summary>A head disk over loop paths to one file.</summary>
internal sealed class LoopRig(LoopEngine engine, string file, PathSelector? selector = null)
    : HeadRig(new LoopHeadTemplate(new MpathIoPolicy(selector ?? IoPolicies.RoundRobin)))
{
    private int _ids;

    /// <summary>Adds a path with a descriptor and a controller of its own.</summary>
    public LoopPath Add(TimeSpan delay = default, bool direct = false)
    {
        int id = _ids++;
        LoopPath path = LoopPath.Open($"path{id}", new LoopOptions { Engine = engine, File = file, Delay = delay, Direct = direct });
        path.AddTo(Head, new MpathController(id));
        return path;
    }
}
