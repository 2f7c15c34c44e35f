namespace LibMultipath.Disk.Partitions;

/// <summary>
/// Reads from a disk, for <see cref="PartitionTable.ReadAsync"/>: fills the whole buffer, or throws.
/// </summary>
/// <param name="sector">Where to start, in sectors of 512 bytes: a multiple of the logical block, inside of the disk.</param>
/// <param name="buffer">
/// What to fill: a multiple of the logical block, inside of the disk, and at most 65536 bytes. It is the caller's again
/// when the task has ended.
/// </param>
/// <param name="cancellationToken">The token that the scan was given.</param>
/// <returns>A task that ends when the buffer is full.</returns>
public delegate ValueTask SectorReader(long sector, Memory<byte> buffer, CancellationToken cancellationToken);
