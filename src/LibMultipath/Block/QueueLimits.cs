namespace LibMultipath.Block;

/// <summary>
/// What I/O a disk takes: its block sizes, its largest requests, its alignment
/// (the kernel's <c>struct queue_limits</c>). Immutable, and compared by value.
/// </summary>
/// <remarks>
/// <para>A sector is 512 bytes, whatever the block size. Sizes are in bytes unless the name says sectors.</para>
/// <para>
/// A field that is left alone, or set to 0 where 0 is not a meaningful value, reads as what the kernel
/// would fill in, so that <c>new QueueLimits { LogicalBlockSize = 4096 }</c> is complete. Nothing is checked
/// until <see cref="Validate"/>; whoever takes limits from a driver calls it.
/// </para>
/// </remarks>
public sealed partial record QueueLimits
{
    /// <summary>Bytes in a sector (<c>SECTOR_SIZE</c>), on any disk.</summary>
    public const int SectorSize = 512;

    /// <summary>The largest logical block in bytes (<c>BLK_MAX_BLOCK_SIZE</c>).</summary>
    public const int MaxLogicalBlockSize = 64 * 1024;

    /// <summary>
    /// The largest <see cref="PhysicalBlockSize"/> and <see cref="IoMin"/> in bytes. A power of two, so that
    /// rounding up to a block stays in range.
    /// </summary>
    public const int MaxIoMin = 1 << 30;

    // The page that limits are measured against. Not the machine's own: limits that were valid on one
    // machine are to be valid on the next.
    private const int PageSize = 4096;

    /// <summary>The smallest unit that can be addressed (<c>logical_block_size</c>): a power of two, 512 to 65536; 512 by default.</summary>
    public int LogicalBlockSize { get; init; } = SectorSize;

    /// <summary>
    /// The smallest unit that is written without a read-modify-write (<c>physical_block_size</c>): a power of two,
    /// from <see cref="LogicalBlockSize"/>, which is the default, to <see cref="MaxIoMin"/>.
    /// </summary>
    public int PhysicalBlockSize { get => field != 0 ? field : LogicalBlockSize; init; }

    /// <summary>
    /// The smallest request that the disk likes (<c>io_min</c>): a multiple of <see cref="PhysicalBlockSize"/>,
    /// which is the default, up to <see cref="MaxIoMin"/>. A hint.
    /// </summary>
    public int IoMin { get => field != 0 ? field : PhysicalBlockSize; init; }

    /// <summary>
    /// The request size, and its multiples, that the disk likes best (<c>io_opt</c>): a multiple of
    /// <see cref="PhysicalBlockSize"/>, or 0, the default, for none. A hint.
    /// </summary>
    public int IoOpt { get; init; }

    /// <summary>
    /// Where the first whole physical block starts (<c>alignment_offset</c>): a multiple of
    /// <see cref="LogicalBlockSize"/> below <see cref="PhysicalBlockSize"/>; 0 by default.
    /// </summary>
    public int AlignmentOffset { get; init; }

    /// <summary>
    /// True when the paths below disagree beyond repair about <see cref="AlignmentOffset"/> or <see cref="IoOpt"/>
    /// (<c>BLK_FLAG_MISALIGNED</c>). Both are 0 then. The disk works; requests may straddle physical blocks.
    /// </summary>
    public bool Misaligned { get; init; }

    /// <summary>
    /// The longest read or write, in sectors (<c>max_sectors</c>): a multiple of <see cref="LogicalBlockSize"/>, and
    /// at least that and a page of 4096 bytes; 8192, which is 4 MiB, by default.
    /// </summary>
    public int MaxSectors { get; init; } = 8192;

    /// <summary>The most segments in one bio (<c>max_segments</c>): at least 1; 128 by default.</summary>
    public int MaxSegments { get; init; } = 128;

    /// <summary>
    /// The longest segment in bytes (<c>max_segment_size</c>): at least 4096; 4 MiB by default.
    /// <see cref="MaxSegments"/> of them must hold a logical block.
    /// </summary>
    public int MaxSegmentSize { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// The bits of a segment's address and length that must be zero (<c>dma_alignment</c>): the alignment less one, so
    /// 511 for direct I/O to most files. 0, the default, takes any address, where the kernel would assume 511: memory
    /// that .NET allocates is aligned to 8 bytes, and a driver that needs more says so.
    /// </summary>
    public int DmaAlignment { get; init; }

    /// <summary>
    /// No read or write may cross a multiple of this many sectors (<c>chunk_sectors</c>): a multiple of
    /// <see cref="LogicalBlockSize"/>, or 0, the default, for no boundary.
    /// </summary>
    public int ChunkSectors { get; init; }

    /// <summary>
    /// The longest discard in sectors (<c>max_discard_sectors</c>): at least a logical block, or 0, the default, when
    /// discards are not supported.
    /// </summary>
    public int MaxDiscardSectors { get; init; }

    /// <summary>
    /// The unit in which the disk frees space (<c>discard_granularity</c>): a multiple of <see cref="LogicalBlockSize"/>,
    /// at least <see cref="PhysicalBlockSize"/>, which is the default. Reads as 0 when discards are not supported.
    /// </summary>
    public int DiscardGranularity
    {
        get => MaxDiscardSectors == 0 ? 0 : field != 0 ? field : PhysicalBlockSize;
        init;
    }

    /// <summary>
    /// Where the first whole unit of <see cref="DiscardGranularity"/> starts (<c>discard_alignment</c>): a multiple of
    /// <see cref="LogicalBlockSize"/> below the granularity; 0 by default. Reads as 0 when discards are not supported.
    /// </summary>
    public int DiscardAlignment { get => MaxDiscardSectors == 0 ? 0 : field; init; }

    /// <summary>
    /// The longest write-zeroes in sectors (<c>max_write_zeroes_sectors</c>): at least a logical block, or 0, the
    /// default, when it is not supported.
    /// </summary>
    public int MaxWriteZeroesSectors { get; init; }

    /// <summary>
    /// The longest secure erase in sectors (<c>max_secure_erase_sectors</c>): at least a logical block, or 0, the
    /// default, when it is not supported.
    /// </summary>
    public int MaxSecureEraseSectors { get; init; }

    /// <summary>
    /// Of a zoned disk: how many zones can be open at a time (<c>max_open_zones</c>); 0, the default, for as many as there
    /// are.
    /// </summary>
    public int MaxOpenZones { get; init; }

    /// <summary>
    /// Of a zoned disk: how many zones can be neither empty nor full at a time (<c>max_active_zones</c>), at least
    /// <see cref="MaxOpenZones"/>; 0, the default, for as many as there are.
    /// </summary>
    public int MaxActiveZones { get; init; }

    /// <summary>
    /// Of a zoned disk: the longest append in sectors (<c>max_zone_append_sectors</c>), at most a zone; 0, the default, when
    /// it cannot append. A head disk can, up to a zone, whatever its paths can: what they cannot append it writes at the
    /// write pointer.
    /// </summary>
    public int MaxZoneAppendSectors { get; init; }

    /// <summary>What the disk can do or needs (<c>features</c>); none by default.</summary>
    public QueueFeatures Features { get; init; }

    /// <summary>Limits are equal when they read equal, whether a field was set or filled in.</summary>
    /// <param name="other">The limits to compare with.</param>
    /// <returns>True when every property has the same value.</returns>
    public bool Equals(QueueLimits? other) => other is not null && Values.Equals(other.Values);

    /// <inheritdoc/>
    public override int GetHashCode() => Values.GetHashCode();

    private ((int, int, int, int, int, bool) Blocks, (int, int, int, int, int) Transfer,
        (int, int, int, int, int) Others, (int, int, int) Zones, QueueFeatures Features) Values =>
        ((LogicalBlockSize, PhysicalBlockSize, IoMin, IoOpt, AlignmentOffset, Misaligned),
         (MaxSectors, MaxSegments, MaxSegmentSize, DmaAlignment, ChunkSectors),
         (MaxDiscardSectors, DiscardGranularity, DiscardAlignment, MaxWriteZeroesSectors, MaxSecureEraseSectors),
         (MaxOpenZones, MaxActiveZones, MaxZoneAppendSectors),
         Features);
}
