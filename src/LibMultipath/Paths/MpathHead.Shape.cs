using LibMultipath.Block;

namespace LibMultipath.Paths;

public sealed partial class MpathHead
{
    private bool _hasShape;

    /// <summary>In sectors of 512 bytes: the first path's, until <see cref="Revalidate"/> changes it. 0 before there is a path.</summary>
    public long CapacitySectors { get; private set; }

    /// <summary>The limits of all paths, stacked.</summary>
    public QueueLimits Limits { get; private set; } = new();

    /// <summary>Takes a new path's capacity and limits into account. Under the lock.</summary>
    private void AdoptShape(MpathDevice path)
    {
        DriverDisk disk = path.Disk;
        if (_hasShape && disk.Limits.LogicalBlockSize > Limits.LogicalBlockSize && _disk is { IsLive: true })
        {
            throw new ArgumentException(
                $"The logical block of {path.Name} is {disk.Limits.LogicalBlockSize} bytes, that of {Name} is {Limits.LogicalBlockSize}: its users' I/O would be misaligned.",
                nameof(path));
        }

        if (!_hasShape)
        {
            _hasShape = true;
            CapacitySectors = disk.CapacitySectors;
            Limits = disk.Limits;
            return;
        }

        QueueLimits limits = QueueLimits.Stack(Limits, disk.Limits);
        ThrowIfNoDisk(CapacitySectors, limits);
        Limits = limits;
        path.SetReason(PathState.CapacityMismatch, disk.CapacitySectors != CapacitySectors);
    }

    /// <summary>Stacks the limits of the paths anew. Under the lock.</summary>
    private void SetShape(long capacitySectors, MpathDevice[] paths)
    {
        QueueLimits limits = paths.Length > 0 ? QueueLimits.Stack(paths.Select(path => path.Disk.Limits)) : Limits;
        ThrowIfNoDisk(capacitySectors, limits);
        Limits = limits;
        CapacitySectors = capacitySectors;
        _hasShape = true;
    }

    // Said before anything is changed, and to whoever changes it.
    private static void ThrowIfNoDisk(long capacitySectors, QueueLimits limits) => _ = new DiskShape(capacitySectors, limits, readOnly: false);
}
