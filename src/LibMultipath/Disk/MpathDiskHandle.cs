using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Disk;

/// <summary>A disk that somebody has opened: it is not gone before this is disposed.</summary>
public sealed class MpathDiskHandle : IDisposable
{
    private readonly Lock _lock = new();
    private MpathDisk? _disk;
    private KeptLimits _kept = KeptLimits.None;

    internal MpathDiskHandle(MpathDisk disk) => _disk = disk;

    /// <summary>The disk.</summary>
    /// <exception cref="ObjectDisposedException">The handle was disposed.</exception>
    public MpathDisk Disk => _disk ?? throw new ObjectDisposedException(nameof(MpathDiskHandle));

    /// <summary>
    /// Keeps features of the disk as they are until the handle is disposed, for a user who cannot follow when they change: a
    /// path without one that the disk has (one that all paths need) or with one that it has not (one that any brings) is
    /// refused when it is added, or found so by a revalidation.
    /// </summary>
    /// <param name="features">Those that matter, whether the disk has them or not; they replace those of an earlier call.</param>
    /// <param name="dmaAlignment">
    /// The strictest alignment of data that the user can follow, as <see cref="QueueLimits.DmaAlignment"/> says it; any
    /// unless given. A path that needs a stricter one is refused as well.
    /// </param>
    /// <returns>The limits of all paths, in which the features are as they stay.</returns>
    /// <exception cref="ObjectDisposedException">The handle was disposed.</exception>
    public QueueLimits Keep(QueueFeatures features, int dmaAlignment = int.MaxValue)
    {
        lock (_lock)
        {
            MpathHead head = Disk.Head;
            var kept = new KeptLimits(features, dmaAlignment);
            QueueLimits limits = head.Keep(kept);
            head.LetChange(_kept);
            _kept = kept;
            return limits;
        }
    }

    /// <summary>Closes the disk. A second call does nothing.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disk is { } disk)
            {
                _disk = null;
                disk.Head.LetChange(_kept);
                disk.Close();
            }
        }
    }
}
