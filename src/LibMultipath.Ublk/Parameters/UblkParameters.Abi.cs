using System.Numerics;
using System.Runtime.CompilerServices;
using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Parameters;

// To and from the kernel's struct.
public sealed partial record UblkParameters
{
    /// <summary>The kernel's struct; only of parameters that <see cref="Validate"/> takes.</summary>
    internal ublk_params ToAbi()
    {
        ublk_params made = new()
        {
            len = (uint)Unsafe.SizeOf<ublk_params>(),
            types = Types,
            basic = new ublk_param_basic
            {
                attrs = (uint)Attributes,
                logical_bs_shift = Shift(LogicalBlockSize),
                physical_bs_shift = Shift(PhysicalBlockSize),
                io_min_shift = Shift(IoMin),
                io_opt_shift = Shift(IoOpt),
                max_sectors = (uint)MaxSectors,
                chunk_sectors = (uint)ChunkSectors,
                dev_sectors = (ulong)DevSectors,
                virt_boundary_mask = (ulong)VirtBoundaryMask,
            },
        };
        if (Discard is { } discard)
        {
            made.discard.discard_alignment = (uint)discard.Alignment;
            made.discard.discard_granularity = (uint)discard.Granularity;
            made.discard.max_discard_sectors = (uint)discard.MaxSectors;
            made.discard.max_write_zeroes_sectors = (uint)discard.MaxWriteZeroesSectors;
            made.discard.max_discard_segments = (ushort)discard.MaxSegments;
        }

        if (Zoned is { } zoned)
        {
            made.zoned.max_open_zones = (uint)zoned.MaxOpenZones;
            made.zoned.max_active_zones = (uint)zoned.MaxActiveZones;
            made.zoned.max_zone_append_sectors = (uint)zoned.MaxAppendSectors;
        }

        made.dma.alignment = (uint)(DmaAlignment ?? 0);
        if (Segment is { } segment)
        {
            made.seg.seg_boundary_mask = (ulong)segment.BoundaryMask;
            made.seg.max_segment_size = (uint)segment.MaxSize;
            made.seg.max_segments = (ushort)segment.MaxSegments;
        }

        if (Integrity is { } integrity)
        {
            made.integrity.flags = (uint)integrity.Flags;
            made.integrity.max_integrity_segments = (ushort)integrity.MaxSegments;
            made.integrity.interval_exp = Shift(integrity.IntervalBytes);
            made.integrity.metadata_size = (byte)integrity.MetadataSize;
            made.integrity.pi_offset = (byte)integrity.TupleOffset;
            made.integrity.csum_type = (byte)integrity.Checksum;
            made.integrity.tag_size = (byte)integrity.TagSize;
        }

        return made;
    }

    /// <summary>From the kernel's struct, whoever set it.</summary>
    /// <remarks>
    /// The kernel gives back the <c>len</c> of who set them: a section behind its end was never set, whatever the types
    /// say, but for the device numbers, which the kernel fills in itself. An older kernel writes less than we know, and
    /// the rest stays zero.
    /// </remarks>
    internal static UblkParameters FromAbi(in ublk_params read)
    {
        bool basic = Has(read, UblkParamType.UBLK_PARAM_TYPE_BASIC, in read.basic);
        bool discard = Has(read, UblkParamType.UBLK_PARAM_TYPE_DISCARD, in read.discard);
        bool zoned = Has(read, UblkParamType.UBLK_PARAM_TYPE_ZONED, in read.zoned);
        bool dma = Has(read, UblkParamType.UBLK_PARAM_TYPE_DMA_ALIGN, in read.dma);
        bool segment = Has(read, UblkParamType.UBLK_PARAM_TYPE_SEGMENT, in read.seg);
        bool integrity = Has(read, UblkParamType.UBLK_PARAM_TYPE_INTEGRITY, in read.integrity);
        return new UblkParameters
        {
            AreSet = basic,
            LogicalBlockSize = Size(read.basic.logical_bs_shift),
            PhysicalBlockSize = Size(read.basic.physical_bs_shift),
            IoMin = Size(read.basic.io_min_shift),
            IoOpt = Size(read.basic.io_opt_shift),
            DevSectors = (long)Math.Min(read.basic.dev_sectors, long.MaxValue),
            MaxSectors = Int(read.basic.max_sectors),
            ChunkSectors = Int(read.basic.chunk_sectors),
            VirtBoundaryMask = (long)Math.Min(read.basic.virt_boundary_mask, long.MaxValue),
            Attributes = (UblkAttributes)read.basic.attrs,
            Discard = !discard ? null : new UblkDiscard
            {
                Alignment = Int(read.discard.discard_alignment),
                Granularity = Int(read.discard.discard_granularity),
                MaxSectors = Int(read.discard.max_discard_sectors),
                MaxWriteZeroesSectors = Int(read.discard.max_write_zeroes_sectors),
                MaxSegments = read.discard.max_discard_segments,
            },
            Zoned = !zoned ? null : new UblkZoned
            {
                MaxOpenZones = Int(read.zoned.max_open_zones),
                MaxActiveZones = Int(read.zoned.max_active_zones),
                MaxAppendSectors = Int(read.zoned.max_zone_append_sectors),
            },
            DmaAlignment = dma ? Int(read.dma.alignment) : null,
            Segment = !segment ? null : new UblkSegment
            {
                BoundaryMask = (long)Math.Min(read.seg.seg_boundary_mask, long.MaxValue),
                MaxSize = read.seg.max_segment_size,
                MaxSegments = read.seg.max_segments,
            },
            Integrity = !integrity ? null : new UblkIntegrity
            {
                Flags = (UblkIntegrityFlags)read.integrity.flags,
                MaxSegments = read.integrity.max_integrity_segments,
                IntervalBytes = Size(read.integrity.interval_exp),
                MetadataSize = read.integrity.metadata_size,
                TupleOffset = read.integrity.pi_offset,
                Checksum = (UblkChecksum)read.integrity.csum_type,
                TagSize = read.integrity.tag_size,
            },
            Devt = (read.types & UblkParamType.UBLK_PARAM_TYPE_DEVT) == 0 ? null : new UblkDeviceNumbers(
                (int)read.devt.char_major, (int)read.devt.char_minor, (int)read.devt.disk_major, (int)read.devt.disk_minor),
        };
    }

    private static bool Has<T>(in ublk_params read, uint type, ref readonly T section)
        where T : unmanaged
    {
        nint start = Unsafe.ByteOffset(in read.len, in Unsafe.As<T, uint>(ref Unsafe.AsRef(in section)));
        return (read.types & type) != 0 && start + Unsafe.SizeOf<T>() <= read.len;
    }

    // No shift and a shift of 0 are the same to the kernel: a size of one byte says nothing about any I/O.
    private static byte Shift(int size) => size == 0 ? (byte)0 : (byte)BitOperations.Log2((uint)size);

    private static int Size(byte shift) => shift == 0 ? 0 : 1 << Math.Min(shift, (byte)30);

    private static int Int(uint value) => (int)Math.Min(value, int.MaxValue);
}
