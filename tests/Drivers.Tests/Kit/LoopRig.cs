using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LoopDriver;

namespace Drivers.Tests.Kit;

/// <summary>A head disk over loop paths to one file.</summary>
internal sealed class LoopRig : IDisposable
{
    private readonly LoopEngine _engine;
    private readonly string _file;
    private int _ids;

    public LoopRig(LoopEngine engine, string file, PathSelector? selector = null)
    {
        _engine = engine;
        _file = file;
        Head = new MpathHead("head", new LoopHeadTemplate(new MpathIoPolicy(selector ?? IoPolicies.RoundRobin)));
        Disk = new MpathDisk(Head);
    }

    public MpathHead Head { get; }

    public MpathDisk Disk { get; }

    /// <summary>Adds a path with a descriptor and a controller of its own.</summary>
    public LoopPath Add(TimeSpan delay = default, bool direct = false)
    {
        int id = _ids++;
        LoopPath path = LoopPath.Open($"path{id}", new LoopOptions { Engine = _engine, File = _file, Delay = delay, Direct = direct });
        path.AddTo(Head, new MpathController(id));
        return path;
    }

    public BlockStatus Run(Bio bio) => Flight.Run(Disk, bio);

    public void Dispose()
    {
        foreach (MpathDevice path in Head.Paths)
        {
            Head.Remove(path);
        }

        Disk.Dispose();
        Head.Dispose();
    }
}
