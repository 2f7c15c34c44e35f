using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;

namespace LibMultipath.Benchmarks.Rig;

/// <summary>A head with a disk over optimized paths, each with a controller of its own, as an embedder gets it by default.</summary>
internal sealed class Multipath : IDisposable
{
    private readonly MpathDevice[] _paths;

    public Multipath(PathSelector selector, params DriverDisk[] disks)
    {
        Head = new MpathHead("bench", new Template(selector));
        _paths = [.. disks.Select(static (disk, index) => new MpathDevice(new MpathController(index), disk))];
        foreach (MpathDevice path in _paths)
        {
            Head.Add(path);
            path.SetLive();
        }

        Disk = new MpathDisk(Head);
    }

    public MpathHead Head { get; }

    public MpathDisk Disk { get; }

    public static Multipath OverNullPaths(PathSelector selector, int paths) =>
        new(selector, [.. Enumerable.Range(0, paths).Select(static index => new NullDisk($"null{index}"))]);

    /// <summary>Puts one I/O in flight on every controller, so that no selection ends at an idle one.</summary>
    public void LoadEveryController()
    {
        foreach (MpathDevice path in _paths)
        {
            ((NullDisk)path.Disk).Holds = true;
        }

        // Each goes to a path that is idle.
        foreach (MpathDevice _ in _paths)
        {
            Disk.Submit(NewRead());
        }

        if (_paths.Any(static path => path.Controller.ActiveCount != 1))
        {
            throw new InvalidOperationException("The policy did not spread the load.");
        }
    }

    /// <summary>A read of 4 KiB that tells nobody that it ended.</summary>
    public static Bio NewRead()
    {
        Bio bio = Bio.Rent(BioOp.Read, sector: 4096, new byte[4096]);
        bio.EndIo = static _ => { };
        return bio;
    }

    public void Dispose()
    {
        foreach (MpathDevice path in _paths)
        {
            (path.Disk as NullDisk)?.LetGo();
        }

        foreach (MpathDevice path in _paths)
        {
            Head.Remove(path);
        }

        Disk.Dispose();
        Head.Dispose();
    }
}
