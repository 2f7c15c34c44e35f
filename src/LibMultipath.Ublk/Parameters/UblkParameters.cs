using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Parameters;

/// <summary>
/// What kind of disk a device is: the kernel's <c>struct ublk_params</c>, in bytes and sectors of 512 bytes. Set before
/// the device is started, and then fixed but for <see cref="DevSectors"/>.
/// </summary>
/// <remarks>A value of any number can be held, so that what is wrong can be told in words: see <see cref="Validate"/>.</remarks>
public sealed partial record UblkParameters
{
    /// <summary>The unit of addressing, in bytes: a power of two from 512 to the page.</summary>
    public int LogicalBlockSize { get; init; } = 512;

    /// <summary>The unit that is written without reading, in bytes: a power of two from the logical block to 256 MiB.</summary>
    public int PhysicalBlockSize { get; init; } = 4096;

    /// <summary>The smallest good I/O, in bytes: a power of two up to 256 MiB; 0: the physical block.</summary>
    public int IoMin { get; init; }

    /// <summary>The best I/O, in bytes: a power of two up to 256 MiB; 0: unknown.</summary>
    public int IoOpt { get; init; }

    /// <summary>The size of the disk, in sectors.</summary>
    public long DevSectors { get; init; }

    /// <summary>The largest request, in sectors: from a page to the device's buffer.</summary>
    public int MaxSectors { get; init; } = (1 << 20) / 512;

    /// <summary>No request crosses a multiple of this, in sectors; 0: no such limit. Of a zoned disk it is the zone.</summary>
    public int ChunkSectors { get; init; }

    /// <summary>Segments but the first begin, and but the last end, at a multiple of this plus one, in bytes; 0: no such limit.</summary>
    public long VirtBoundaryMask { get; init; }

    /// <summary>What kind of disk it is.</summary>
    public UblkAttributes Attributes { get; init; }

    /// <summary>Discard and write zeroes; null: neither.</summary>
    public UblkDiscard? Discard { get; init; }

    /// <summary>The limits of a zoned disk; null for any other.</summary>
    public UblkZoned? Zoned { get; init; }

    /// <summary>The alignment of memory less one, a power of two less one below the page; null: 4 bytes.</summary>
    public int? DmaAlignment { get; init; }

    /// <summary>What a segment may be; null: anything.</summary>
    public UblkSegment? Segment { get; init; }

    /// <summary>Metadata beside the data; null: none.</summary>
    public UblkIntegrity? Integrity { get; init; }

    /// <summary>The device numbers: read from the kernel, and not sent to it.</summary>
    public UblkDeviceNumbers? Devt { get; init; }

    /// <summary>False for the parameters of a device that never got any; all else but <see cref="Devt"/> means nothing then.</summary>
    public bool AreSet { get; init; } = true;

    /// <summary>The types that these parameters include.</summary>
    internal uint Types => UblkParamType.UBLK_PARAM_TYPE_BASIC
        | (Discard is null ? 0 : UblkParamType.UBLK_PARAM_TYPE_DISCARD)
        | (Zoned is null ? 0 : UblkParamType.UBLK_PARAM_TYPE_ZONED)
        | (DmaAlignment is null ? 0 : UblkParamType.UBLK_PARAM_TYPE_DMA_ALIGN)
        | (Segment is null ? 0 : UblkParamType.UBLK_PARAM_TYPE_SEGMENT)
        | (Integrity is null ? 0 : UblkParamType.UBLK_PARAM_TYPE_INTEGRITY);
}
