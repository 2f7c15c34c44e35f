using System.Numerics;
using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Parameters;

// The rules of SET_PARAMS, and those that the kernel only applies when the disk is made (START_DEV), when it is too late
// to say anything but "invalid argument".
public sealed partial record UblkParameters
{
    private const int LargestBlock = 256 << 20;
    private const long MostSectors = long.MaxValue >> 9;
    private const UblkAttributes KnownAttributes = UblkAttributes.ReadOnly | UblkAttributes.Rotational | UblkAttributes.VolatileCache | UblkAttributes.Fua;

    /// <summary>Tells what is wrong with these parameters for a device of such features, before the kernel does.</summary>
    /// <param name="features">What the device is added with.</param>
    /// <param name="maxIoBytes">The device's buffer (<c>max_io_buf_bytes</c>).</param>
    public UblkValidation Validate(UblkFeatures features, int maxIoBytes)
    {
        var result = new UblkValidation();
        Check(result, features, maxIoBytes, Environment.SystemPageSize);
        return result;
    }

    internal void Check(UblkValidation result, UblkFeatures features, int maxIoBytes, int pageSize)
    {
        ValidateBlocks(result, pageSize);
        ValidateSize(result, features, maxIoBytes / pageSize * pageSize, pageSize);
        ValidateDiscard(result);
        ValidateZones(result, features);
        ValidateMemory(result, pageSize);
        ValidateIntegrity(result, features);
        result.Warn((Attributes & (UblkAttributes.Fua | UblkAttributes.VolatileCache)) == UblkAttributes.Fua,
            "The attribute FUA without VolatileCache is ignored by the kernel: add VolatileCache, or leave FUA out.");
        result.Warn((Attributes & ~KnownAttributes) != 0,
            $"The attributes 0x{(uint)(Attributes & ~KnownAttributes):x} are unknown, and the kernel ignores them.");
    }

    private void ValidateBlocks(UblkValidation result, int pageSize)
    {
        bool logical = result.Require(IsPowerOfTwo(LogicalBlockSize, 512, pageSize),
            $"LogicalBlockSize is {LogicalBlockSize}; it must be a power of two from 512 to the page, {pageSize}.");
        bool physical = result.Require(IsPowerOfTwo(PhysicalBlockSize, 512, LargestBlock),
            $"PhysicalBlockSize is {PhysicalBlockSize}; it must be a power of two from 512 to {LargestBlock} (256 MiB).");
        if (logical && physical)
        {
            result.Require(LogicalBlockSize <= PhysicalBlockSize,
                $"LogicalBlockSize {LogicalBlockSize} is above PhysicalBlockSize {PhysicalBlockSize}; raise the physical one to at least {LogicalBlockSize}.");
        }

        result.Require(IoMin == 0 || IsPowerOfTwo(IoMin, 2, LargestBlock),
            $"IoMin is {IoMin}; it must be 0 (the physical block) or a power of two from 2 to {LargestBlock} (256 MiB).");
        result.Require(IoOpt == 0 || IsPowerOfTwo(IoOpt, 2, LargestBlock),
            $"IoOpt is {IoOpt}; it must be 0 (unknown) or a power of two from 2 to {LargestBlock} (256 MiB).");
        result.Warn(IoMin > 0 && IoMin < PhysicalBlockSize,
            $"IoMin {IoMin} is below PhysicalBlockSize {PhysicalBlockSize}, and the kernel raises it to that.");
        result.Warn(IoOpt > 0 && IoOpt < PhysicalBlockSize,
            $"IoOpt {IoOpt} is below PhysicalBlockSize {PhysicalBlockSize}, and the kernel drops it.");
    }

    private void ValidateSize(UblkValidation result, UblkFeatures features, int buffer, int pageSize)
    {
        result.Require(MaxSectors >= pageSize / 512,
            $"MaxSectors is {MaxSectors}; it must be at least a page, {pageSize / 512} sectors.");
        result.Require(MaxSectors <= buffer / 512,
            $"MaxSectors is {MaxSectors}, more than the device's buffer of {buffer} bytes holds; make it at most {buffer / 512}, or raise MaxIoBytes.");
        result.RequireLate(DevSectors is >= 0 and <= MostSectors,
            $"DevSectors is {DevSectors}; it must be from 0 to {MostSectors}.");
        bool chunk = result.Require(ChunkSectors >= 0, $"ChunkSectors is {ChunkSectors}; it must be 0 (no limit) or more.");
        result.Require(VirtBoundaryMask >= 0, $"VirtBoundaryMask is {VirtBoundaryMask}; it must be 0 (no limit) or more.");
        if (chunk && (features & UblkFeatures.Zoned) != 0 && result.Require(BitOperations.IsPow2(ChunkSectors) && ChunkSectors != 0,
            $"ChunkSectors is {ChunkSectors}; the zone of a zoned device must be a power of two."))
        {
            result.RequireLate(DevSectors > 0 && DevSectors % ChunkSectors == 0,
                $"DevSectors {DevSectors} is not a positive multiple of the zone, {ChunkSectors} sectors; the kernel would not start the device.");
        }

        int block = Math.Max(LogicalBlockSize / 512, 1);
        result.Warn(DevSectors % block != 0, $"DevSectors {DevSectors} is not a multiple of the logical block; the last {DevSectors % block} sectors cannot be used.");
        result.Warn(MaxSectors % block != 0, $"MaxSectors {MaxSectors} is not a multiple of the logical block, and the kernel rounds it down.");
        result.Warn(VirtBoundaryMask > 0 && !BitOperations.IsPow2(VirtBoundaryMask + 1),
            $"VirtBoundaryMask 0x{VirtBoundaryMask:x} is not a power of two less one, and has no useful meaning.");
    }

    private void ValidateDiscard(UblkValidation result)
    {
        if (Discard is not { } discard)
        {
            return;
        }

        result.Require(discard.Granularity > 0,
            $"Discard.Granularity is {discard.Granularity}; it must be above 0, also when only write zeroes are offered.");
        result.Require(discard.MaxSectors == 0 || discard.MaxSegments == 1,
            $"Discard.MaxSegments is {discard.MaxSegments}; the kernel does discards of exactly 1 segment.");
        result.Require(discard is { Alignment: >= 0, MaxSectors: >= 0, MaxWriteZeroesSectors: >= 0, MaxSegments: >= 0 and <= ushort.MaxValue },
            $"{discard} has a negative value, or more than {ushort.MaxValue} segments.");
        result.Warn(discard is { MaxSectors: 0, MaxWriteZeroesSectors: 0 },
            "Discard offers neither discards nor write zeroes: set MaxSectors or MaxWriteZeroesSectors, or leave Discard out.");
        result.Warn(discard.MaxSectors > 0 && discard.Granularity > 0 && discard.Granularity < PhysicalBlockSize,
            $"Discard.Granularity {discard.Granularity} is below PhysicalBlockSize {PhysicalBlockSize}, and the kernel raises it to that.");
    }

    private void ValidateZones(UblkValidation result, UblkFeatures features)
    {
        bool asked = (features & UblkFeatures.Zoned) != 0;
        if (Zoned is not { } zoned)
        {
            result.Require(!asked, "The feature ZONED needs the zoned parameters: set Zoned, or leave the feature out.");
            return;
        }

        result.Require(asked, "The zoned parameters need the feature ZONED: add it, or leave Zoned out.");
        result.Require(zoned.MaxAppendSectors > 0,
            $"Zoned.MaxAppendSectors is {zoned.MaxAppendSectors}; it must be above 0.");
        long zones = ChunkSectors > 0 ? DevSectors / ChunkSectors : 0;
        result.Require(zoned.MaxActiveZones >= 0 && zoned.MaxActiveZones <= zones,
            $"Zoned.MaxActiveZones is {zoned.MaxActiveZones}; it must be 0 (no limit) or at most the {zones} zones that there are.");
        result.Require(zoned.MaxOpenZones >= 0 && zoned.MaxOpenZones <= zones,
            $"Zoned.MaxOpenZones is {zoned.MaxOpenZones}; it must be 0 (no limit) or at most the {zones} zones that there are.");
        result.RequireLate(zoned.MaxActiveZones <= 0 || zoned.MaxOpenZones <= zoned.MaxActiveZones,
            $"Zoned.MaxOpenZones {zoned.MaxOpenZones} is above MaxActiveZones {zoned.MaxActiveZones}; an open zone is active, and the kernel would not start the device.");
    }

    private void ValidateMemory(UblkValidation result, int pageSize)
    {
        if (DmaAlignment is { } mask)
        {
            result.Require(mask >= 0 && mask < pageSize && BitOperations.IsPow2(mask + 1),
                $"DmaAlignment is {mask}; it is a mask, so it must be a power of two less one, and below the page, {pageSize}.");
            result.Warn(mask == 0, "DmaAlignment 0 means the kernel's default, 511: leave it out for 4 bytes.");
        }

        if (Segment is not { } segment)
        {
            return;
        }

        result.Require(segment.BoundaryMask >= UblkParamType.UBLK_MIN_SEGMENT_SIZE - 1 && BitOperations.IsPow2((ulong)segment.BoundaryMask + 1),
            $"Segment.BoundaryMask is 0x{segment.BoundaryMask:x}; it must be a power of two less one, from 0xfff to 0x{UblkSegment.NoBoundary:x}.");
        result.Require(segment.MaxSize is >= UblkParamType.UBLK_MIN_SEGMENT_SIZE and <= uint.MaxValue,
            $"Segment.MaxSize is {segment.MaxSize}; it must be from {UblkParamType.UBLK_MIN_SEGMENT_SIZE} to {uint.MaxValue}.");
        result.RequireLate(segment.MaxSegments is >= 1 and <= ushort.MaxValue,
            $"Segment.MaxSegments is {segment.MaxSegments}; it must be from 1 to {ushort.MaxValue}; what the kernel makes of 0 is not defined.");
        result.Warn(VirtBoundaryMask > 0 && segment.MaxSize < uint.MaxValue,
            $"Segment.MaxSize {segment.MaxSize} and VirtBoundaryMask 0x{VirtBoundaryMask:x} do not go together: the kernel may ignore the first.");
    }

    private void ValidateIntegrity(UblkValidation result, UblkFeatures features)
    {
        bool asked = (features & UblkFeatures.Integrity) != 0;
        if (Integrity is not { } integrity)
        {
            result.Warn(asked, "The feature INTEGRITY without integrity parameters does nothing: set Integrity, or leave the feature out.");
            return;
        }

        result.Require(asked, "The integrity parameters need the feature INTEGRITY, which needs USER_COPY: add both, or leave Integrity out.");
        result.Require((integrity.Flags & ~(UblkIntegrityFlags.Integrity | UblkIntegrityFlags.ReferenceTag)) == 0,
            $"Integrity.Flags is 0x{(uint)integrity.Flags:x}; only Integrity and ReferenceTag exist.");
        result.Require(Enum.IsDefined(integrity.Checksum),
            $"Integrity.Checksum is {(byte)integrity.Checksum}; use None, Ip, Crc16T10Dif or Crc64Nvme.");
        result.Require(integrity.MetadataSize is >= 1 and <= byte.MaxValue,
            $"Integrity.MetadataSize is {integrity.MetadataSize}; it must be from 1 to 255 bytes.");
        result.Require(integrity.Checksum != UblkChecksum.None || (integrity.Flags & UblkIntegrityFlags.ReferenceTag) == 0,
            "Integrity has a reference tag but no checksum: choose a checksum, or leave ReferenceTag out.");
        result.Require(integrity.TupleOffset >= 0 && integrity.TupleOffset + integrity.TupleSize <= integrity.MetadataSize,
            $"Integrity.TupleOffset {integrity.TupleOffset} and the {integrity.TupleSize} bytes of the tuple exceed MetadataSize {integrity.MetadataSize}.");
        result.Require(IsPowerOfTwo(integrity.IntervalBytes, 512, LogicalBlockSize),
            $"Integrity.IntervalBytes is {integrity.IntervalBytes}; it must be a power of two from 512 to the logical block, {LogicalBlockSize}.");
        result.Require(integrity.MaxSegments is >= 0 and <= ushort.MaxValue,
            $"Integrity.MaxSegments is {integrity.MaxSegments}; it must be 0 (no limit) or at most {ushort.MaxValue}.");
        result.Require(integrity.TagSize is >= 0 and <= byte.MaxValue,
            $"Integrity.TagSize is {integrity.TagSize}; it must be from 0 to 255.");
    }

    private static bool IsPowerOfTwo(int value, int least, int most) => value >= least && value <= most && BitOperations.IsPow2(value);
}
