using System.Collections.Concurrent;
using LibMultipath.Paths;
using Mpathd.Paths;

namespace Mpathd.Tests.Kit;

/// <summary>Makes paths to the same bytes in memory.</summary>
internal sealed class MemoryPaths(int bytes, bool atOnce = false) : IPathMaker
{
    private readonly byte[] _bytes = new byte[bytes];

    public ConcurrentBag<MemoryDisk> Disks { get; } = [];

    /// <summary>What is wrong with an I/O, on every path.</summary>
    public Func<LibMultipath.Block.Bio, DiskFault>? Fault { get; set; }

    public ManagedPath AddPath(MpathHead head, int number)
    {
        var disk = new MemoryDisk($"memory{number}", _bytes, atOnce) { Fault = bio => Fault?.Invoke(bio) ?? DiskFault.None };
        Disks.Add(disk);
        var path = new MpathDevice(new MpathController(number), disk);
        head.Add(path);
        path.SetLive();
        return new ManagedPath(path, disk.Fail, disk.Fail, () => Restore(disk, path));
    }

    private static void Restore(MemoryDisk disk, MpathDevice path)
    {
        disk.Restore();
        path.SetLive();
    }
}
