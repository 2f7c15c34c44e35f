using LibMultipath.Disk;
using LibMultipath.Paths;
using Microsoft.Extensions.Logging;

namespace Mpathd.Paths;

/// <summary>
/// A head, the disk in front of it, and the paths behind it: those there are and those there were, because what went
/// through a path that is gone still counts.
/// </summary>
/// <remarks>One thread changes it; any may look.</remarks>
internal sealed class PathGroup : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<ManagedPath> _paths = [];
    private int _nextNumber;

    /// <summary>Makes a head and its disk, without paths.</summary>
    /// <param name="name">What people call the disk.</param>
    /// <param name="template">The driver's part.</param>
    /// <param name="delayedRemovalSecs">How long the head waits when its last path has gone, in seconds.</param>
    /// <param name="disk">How the disk is; null for the defaults.</param>
    /// <param name="logger">Where the head logs; null for nowhere.</param>
    /// <param name="times">How long is waited for paths that do not work; null for the usual times.</param>
    public PathGroup(
        string name, IMpathHeadTemplate template, uint delayedRemovalSecs, MpathDiskOptions? disk = null, ILogger? logger = null, FailureTimes? times = null)
    {
        Head = new MpathHead(name, template, new MpathHeadOptions { DelayedRemovalSecs = delayedRemovalSecs, Logger = logger, FailureTimes = times ?? new FailureTimes() });
        Disk = new MpathDisk(Head, disk);
    }

    /// <summary>The head.</summary>
    public MpathHead Head { get; }

    /// <summary>The disk in front of it.</summary>
    public MpathDisk Disk { get; }

    /// <summary>The paths there are now.</summary>
    public ManagedPath[] Paths
    {
        get
        {
            lock (_lock)
            {
                return [.. _paths];
            }
        }
    }

    /// <summary>Attempts that failed over, on all paths that ever were.</summary>
    public long Failovers => Head.FailoverCount;

    /// <summary>I/Os that had to wait because no path was usable.</summary>
    public long Requeued => Head.RequeueNoUsablePathCount;

    /// <summary>Adds a path.</summary>
    /// <param name="maker">Makes it.</param>
    public ManagedPath Add(IPathMaker maker)
    {
        ManagedPath path = maker.AddPath(Head, _nextNumber);

        // A path that could not be added was nobody's.
        _nextNumber++;
        lock (_lock)
        {
            _paths.Add(path);
        }

        return path;
    }

    /// <summary>Removes a path; blocks until nothing of it is in flight.</summary>
    public void Remove(ManagedPath path)
    {
        Head.Remove(path.Device);
        lock (_lock)
        {
            _paths.Remove(path);
        }
    }

    /// <summary>Takes everything down: the disk, the paths, the head. Blocks until nothing is in flight.</summary>
    public void Dispose()
    {
        // The disk first, so that I/O that waits ends, and the head does not wait for paths to come.
        Disk.Dispose();
        Head.DelayedRemovalSecs = 0;
        foreach (ManagedPath path in Paths)
        {
            Remove(path);
        }

        Head.Dispose();
    }
}
