using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Tests.Zones;
using LibMultipath.Ublk.Host;
using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace Mpathd.Tests.Machine;

/// <summary>
/// A zoned device of the kernel (ublk), one of several that lead to the same zones: each remembers by itself where it has
/// written. It can lose a write. As root, in a guest.
/// </summary>
internal sealed class ZonedDevice : IDisposable
{
    private readonly MpathHead _head;
    private readonly MpathDisk _disk;
    private readonly ZonedPath _path;
    private readonly UblkHost _host;

    /// <summary>Makes it.</summary>
    /// <param name="memory">The zones.</param>
    public ZonedDevice(ZonedMemory memory)
    {
        var limits = new QueueLimits
        {
            LogicalBlockSize = 4096,
            Features = QueueFeatures.Zoned,
            ChunkSectors = (int)memory[0].Length,
            MaxSectors = 256,
        };
        (_head, _disk, ZonedPath[] paths) = ZonedPath.Head(memory, limits, paths: 1);
        _path = paths[0];
        _path.OnlyFails = true;
        _host = UblkHost.Start(_disk, new UblkHostOptions { Mode = UblkDataMode.UserCopy });
    }

    public string Path => _host.BlockPath;

    /// <summary>How many writes it has lost after, and before, they were carried out.</summary>
    public (int After, int Before) Losses => _path.Deaths;

    /// <summary>It fails the write that comes after so many others, as a link does that breaks.</summary>
    public void LoseWriteIn(int writes, bool carriedOut) => _path.DieIn(writes, carriedOut);

    public void Dispose()
    {
        _host.Dispose();
        _disk.Dispose();
        _head.Dispose();
    }
}
