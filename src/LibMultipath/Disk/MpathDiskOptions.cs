namespace LibMultipath.Disk;

/// <summary>How a head disk is. Everything has a default.</summary>
public sealed record MpathDiskOptions
{
    /// <summary>What people call it; null for the name of the head.</summary>
    public string? Name { get; init; }

    /// <summary>Whether everything but reads and flushes is refused.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>What the disk hangs on in the embedder's world.</summary>
    public object? Parent { get; init; }

    /// <summary>The node it counts as made on; null for the current one.</summary>
    public int? NumaNode { get; init; }

    /// <summary>Shows the disk to its users when it is live, and takes it away; null when they have the object.</summary>
    public IMpathDiskHost? Host { get; init; }

    /// <summary>Whether the partition table is read when the disk is live.</summary>
    public bool ScanPartitions { get; init; }
}
