namespace LibMultipath.Disk.Partitions;

/// <summary>The partitions of a disk, read from its master boot record or GUID partition table. Immutable.</summary>
public sealed class PartitionTable
{
    /// <summary>The most partitions that are listed, and the highest number of one (<c>DISK_MAX_PARTS</c> - 1).</summary>
    public const int MaxPartitions = 255;

    /// <summary>A disk without a table that was recognised.</summary>
    public static PartitionTable None { get; } = new(PartitionTableKind.None, []);

    internal PartitionTable(PartitionTableKind kind, IReadOnlyList<PartitionEntry> partitions)
    {
        Kind = kind;
        Partitions = partitions;
    }

    /// <summary>What kind of table it is.</summary>
    public PartitionTableKind Kind { get; }

    /// <summary>The partitions in the order of their numbers.</summary>
    public IReadOnlyList<PartitionEntry> Partitions { get; }

    /// <summary>The identity of a disk with a GPT; null otherwise.</summary>
    public Guid? DiskGuid { get; internal init; }

    /// <summary>
    /// Whether a GPT was read from its backup, because the primary is damaged. Someone should repair it.
    /// </summary>
    public bool FromBackup { get; internal init; }

    /// <summary>
    /// Reads the table of a disk. Whatever the disk holds, the number of reads is bounded, no partition reaches outside
    /// of the disk, and nothing is thrown that <paramref name="read"/> does not throw. An entry that starts or ends past
    /// the end is left out (Linux would shorten it), and so is an empty one.
    /// </summary>
    /// <param name="read">Reads from the disk. One call at a time.</param>
    /// <param name="logicalBlockSize">The logical block of the disk in bytes: a power of two, 512 to 65536.</param>
    /// <param name="capacitySectors">The length of the disk in sectors of 512 bytes.</param>
    /// <param name="cancellationToken">Given to <paramref name="read"/>.</param>
    /// <returns>The table; <see cref="None"/> when there is none.</returns>
    /// <exception cref="ArgumentNullException">The reader is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The block size or the capacity is out of range.</exception>
    public static ValueTask<PartitionTable> ReadAsync(
        SectorReader read, int logicalBlockSize, long capacitySectors, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentOutOfRangeException.ThrowIfNegative(capacitySectors);
        if (logicalBlockSize is < BlockReader.SectorSize or > BlockReader.MaxBlockSize || !int.IsPow2(logicalBlockSize))
        {
            throw new ArgumentOutOfRangeException(nameof(logicalBlockSize), logicalBlockSize, "Must be a power of two from 512 to 65536.");
        }

        return ScanAsync(new BlockReader(read, logicalBlockSize, capacitySectors, cancellationToken));
    }

    private static async ValueTask<PartitionTable> ScanAsync(BlockReader disk)
    {
        if (await disk.ReadBlockAsync(0).ConfigureAwait(false) is not { } block || !MbrSlots.TryRead(block.Span, out MbrSlots slots))
        {
            return None;
        }

        // A disk that says it has a GPT is never read as if it had none: what stands beside the protective entry is
        // for other systems, and may be stale.
        if (slots.HasType(MbrSlots.ProtectiveType))
        {
            return slots.IsProtective ? await GptReader.ReadAsync(disk).ConfigureAwait(false) ?? None : None;
        }

        return slots.AreSane ? await MbrReader.ReadAsync(disk, slots).ConfigureAwait(false) : None;
    }
}
