using LibMultipath.Block;

namespace LibMultipath.Paths;

public sealed partial class MpathHead
{
    // What the users of the disk rely on, one entry for each who does. Under the lock.
    private readonly List<KeptLimits> _kept = [];
    private bool _hasShape;

    /// <summary>In sectors of 512 bytes: the first path's, until <see cref="Revalidate"/> changes it. 0 before there is a path.</summary>
    public long CapacitySectors { get; private set; }

    /// <summary>The limits of all paths, stacked.</summary>
    public QueueLimits Limits { get; private set; } = new();

    /// <summary>From now on no path is taken that would change for the worse what a user relies on.</summary>
    /// <returns>The limits, in which the kept features are as they stay.</returns>
    internal QueueLimits Keep(KeptLimits limits)
    {
        lock (_lock)
        {
            _kept.Add(limits);
            return Limits;
        }
    }

    /// <summary>Ends one <see cref="Keep"/> of these; does nothing if there is none.</summary>
    internal void LetChange(KeptLimits limits)
    {
        lock (_lock)
        {
            _kept.Remove(limits);
        }
    }

    /// <summary>Takes a new path's capacity and limits into account. Under the lock.</summary>
    private void AdoptShape(MpathDevice path)
    {
        DriverDisk disk = path.Disk;
        if (!_hasShape)
        {
            _hasShape = true;
            CapacitySectors = disk.CapacitySectors;
            Limits = disk.Limits;
            return;
        }

        QueueLimits limits = QueueLimits.Stack(Limits, disk.Limits);
        ThrowIfCoarser(path);
        ThrowIfNoDisk(CapacitySectors, limits);
        ThrowIfKept(path);
        Limits = limits;
        path.SetReason(PathState.CapacityMismatch, disk.CapacitySectors != CapacitySectors);
    }

    /// <summary>Stacks the limits of the paths anew. Under the lock.</summary>
    private void SetShape(long capacitySectors, MpathDevice[] paths)
    {
        QueueLimits limits = paths.Length > 0 ? QueueLimits.Stack(paths.Select(path => path.Disk.Limits)) : Limits;
        ThrowIfCoarser(paths);
        ThrowIfNoDisk(capacitySectors, limits);
        ThrowIfKept(paths);
        Limits = limits;
        CapacitySectors = capacitySectors;
        _hasShape = true;
    }

    // What users have seen of the disk is the block in which they read and write.
    private void ThrowIfCoarser(params ReadOnlySpan<MpathDevice> paths)
    {
        if (!_hasShape || _disk is not { IsLive: true })
        {
            return;
        }

        foreach (MpathDevice path in paths)
        {
            if (path.Disk.Limits.LogicalBlockSize > Limits.LogicalBlockSize)
            {
                throw new ArgumentException(
                    $"The logical block of {path.Name} is {path.Disk.Limits.LogicalBlockSize} bytes, that of {Name} is {Limits.LogicalBlockSize}: its users' I/O would be misaligned.",
                    nameof(paths));
            }
        }
    }

    // Said before anything is changed, and to whoever changes it.
    private static void ThrowIfNoDisk(long capacitySectors, QueueLimits limits) => _ = new DiskShape(capacitySectors, limits, readOnly: false);

    // Stacking another path only ever takes what all must have, and gives what one brings: so each path is looked at alone.
    private void ThrowIfKept(params ReadOnlySpan<MpathDevice> paths)
    {
        KeptLimits kept = KeptLimits.None;
        foreach (KeptLimits limits in _kept)
        {
            kept = kept.And(limits);
        }

        foreach (MpathDevice path in paths)
        {
            QueueFeatures changed = (Limits.Features ^ QueueLimits.Stack(Limits, path.Disk.Limits).Features) & kept.Features;
            if (changed != 0)
            {
                (string does, string should) = (Limits.Features & changed) != 0 ? ("lacks", "has") : ("has", "lacks");
                throw new ArgumentException(
                    $"{path.Name} {does} {changed}, and a user who has {Name} open relies on its staying as it is: use a path that {should} it, or end that use first.",
                    nameof(paths));
            }

            if (path.Disk.Limits.DmaAlignment > kept.DmaAlignment)
            {
                throw new ArgumentException(
                    $"{path.Name} needs data aligned to {path.Disk.Limits.DmaAlignment + 1} bytes, and a user who has {Name} open aligns to {kept.DmaAlignment + 1}: use a path that can, or end that use first.",
                    nameof(paths));
            }
        }
    }
}
