using System.Numerics;

namespace LibMultipath.Block;

// The rules of one set of limits, in the order in which the kernel's blk_validate_limits has them. Where the kernel
// rounds a driver's value, we refuse it: a driver that believes in a limit other than the one in force has a bug.
public sealed partial record QueueLimits
{
    /// <summary>Checks every field, and the fields against each other (<c>blk_validate_limits</c>).</summary>
    /// <exception cref="ArgumentException">
    /// A field is out of range. The message names the field, its value and what is allowed, and
    /// <see cref="ArgumentException.ParamName"/> is the field.
    /// </exception>
    public void Validate()
    {
        if (FindFault() is { } fault)
        {
            throw new ArgumentException(fault.Message, fault.Field);
        }
    }

    private Fault? FindFault() => FindBlockFault() ?? FindTransferFault() ?? FindZoneFault() ?? FindOtherFault();

    private Fault? FindBlockFault()
    {
        if (LogicalBlockSize is < SectorSize or > MaxLogicalBlockSize || !BitOperations.IsPow2(LogicalBlockSize))
        {
            return new Fault(nameof(LogicalBlockSize), LogicalBlockSize, $"a power of two from {SectorSize} to {MaxLogicalBlockSize}");
        }

        if (PhysicalBlockSize < LogicalBlockSize || PhysicalBlockSize > MaxIoMin || !BitOperations.IsPow2(PhysicalBlockSize))
        {
            return new Fault(nameof(PhysicalBlockSize), PhysicalBlockSize, $"a power of two from {LogicalBlockSize} (the logical block) to {MaxIoMin}");
        }

        if (IoMin < PhysicalBlockSize || IoMin > MaxIoMin || IoMin % PhysicalBlockSize != 0)
        {
            return new Fault(nameof(IoMin), IoMin, $"a multiple of {PhysicalBlockSize} (the physical block) up to {MaxIoMin}");
        }

        if (IoOpt < 0 || IoOpt % PhysicalBlockSize != 0 || (Misaligned && IoOpt != 0))
        {
            return new Fault(nameof(IoOpt), IoOpt, Misaligned ? "0 when misaligned" : $"0 or a multiple of {PhysicalBlockSize} (the physical block)");
        }

        if (AlignmentOffset < 0 || AlignmentOffset >= PhysicalBlockSize || AlignmentOffset % LogicalBlockSize != 0
            || (Misaligned && AlignmentOffset != 0))
        {
            return new Fault(nameof(AlignmentOffset), AlignmentOffset, Misaligned ? "0 when misaligned"
                : $"a multiple of {LogicalBlockSize} (the logical block) below {PhysicalBlockSize} (the physical block)");
        }

        return null;
    }

    private Fault? FindTransferFault()
    {
        int least = Math.Max(PageSize, LogicalBlockSize) / SectorSize;
        int block = LogicalBlockSize / SectorSize;
        if (MaxSectors < least || MaxSectors % block != 0)
        {
            return new Fault(nameof(MaxSectors), MaxSectors, $"a multiple of {block} (the logical block in sectors), at least {least}");
        }

        if (MaxSegments < 1)
        {
            return new Fault(nameof(MaxSegments), MaxSegments, "at least 1");
        }

        // What can be in all segments together bounds a bio as well, and one block is the least that can move.
        if (MaxSegmentSize < PageSize || (long)MaxSegmentSize * MaxSegments < LogicalBlockSize)
        {
            return new Fault(nameof(MaxSegmentSize), MaxSegmentSize,
                $"at least {PageSize}, and {MaxSegments} of them (the segments) at least {LogicalBlockSize} (the logical block)");
        }

        if (DmaAlignment is < 0 or >= PageSize || !IsMask((ulong)DmaAlignment))
        {
            return new Fault(nameof(DmaAlignment), DmaAlignment, $"a power of two less one, up to {PageSize - 1}");
        }

        if (ChunkSectors < 0 || ChunkSectors % block != 0)
        {
            return new Fault(nameof(ChunkSectors), ChunkSectors, $"0 or a multiple of {block} (the logical block in sectors)");
        }

        return null;
    }

    private Fault? FindZoneFault()
    {
        bool zoned = (Features & QueueFeatures.Zoned) != 0;
        if (zoned && !BitOperations.IsPow2(ChunkSectors))
        {
            return new Fault(nameof(ChunkSectors), ChunkSectors, "a power of two, the zone size, on a zoned disk");
        }

        int mostAppended = zoned ? ChunkSectors : 0;
        if (MaxZoneAppendSectors < 0 || MaxZoneAppendSectors > mostAppended || MaxZoneAppendSectors % (LogicalBlockSize / SectorSize) != 0)
        {
            return new Fault(nameof(MaxZoneAppendSectors), MaxZoneAppendSectors,
                zoned ? $"a multiple of {LogicalBlockSize / SectorSize} (the logical block in sectors) up to {mostAppended}" : "0 without zones");
        }

        if (MaxActiveZones < 0 || (!zoned && MaxActiveZones != 0))
        {
            return new Fault(nameof(MaxActiveZones), MaxActiveZones, zoned ? "0 or more" : "0 without zones");
        }

        if (MaxOpenZones < 0 || (!zoned && MaxOpenZones != 0) || (MaxActiveZones != 0 && MaxOpenZones > MaxActiveZones))
        {
            return new Fault(nameof(MaxOpenZones), MaxOpenZones, zoned ? $"0 or more, at most {MaxActiveZones} (the active zones) if that is not 0" : "0 without zones");
        }

        return null;
    }

    private Fault? FindOtherFault()
    {
        Fault? count = FindCountFault(nameof(MaxDiscardSectors), MaxDiscardSectors)
            ?? FindCountFault(nameof(MaxWriteZeroesSectors), MaxWriteZeroesSectors)
            ?? FindCountFault(nameof(MaxSecureEraseSectors), MaxSecureEraseSectors);
        if (count is not null)
        {
            return count;
        }

        if (MaxDiscardSectors != 0)
        {
            if (DiscardGranularity < PhysicalBlockSize || DiscardGranularity % LogicalBlockSize != 0)
            {
                return new Fault(nameof(DiscardGranularity), DiscardGranularity,
                    $"a multiple of {LogicalBlockSize} (the logical block), at least {PhysicalBlockSize} (the physical block)");
            }

            if (DiscardAlignment < 0 || DiscardAlignment >= DiscardGranularity || DiscardAlignment % LogicalBlockSize != 0)
            {
                return new Fault(nameof(DiscardAlignment), DiscardAlignment,
                    $"a multiple of {LogicalBlockSize} (the logical block) below {DiscardGranularity} (the granularity)");
            }
        }

        if ((Features & ~(HeldByAny | HeldByAll | Agreed)) != 0)
        {
            return new Fault(nameof(Features), Features, $"made of {HeldByAny | HeldByAll | Agreed}");
        }

        if (Features.HasFlag(QueueFeatures.Fua) && !Features.HasFlag(QueueFeatures.WriteCache))
        {
            return new Fault(nameof(Features), Features, $"with {nameof(QueueFeatures.WriteCache)} when with {nameof(QueueFeatures.Fua)}");
        }

        return null;
    }

    // For operations that a disk may lack: 0 says so, and less than a block says nothing sensible.
    private Fault? FindCountFault(string field, int sectors) =>
        sectors < 0 || (sectors != 0 && sectors < LogicalBlockSize / SectorSize)
            ? new Fault(field, sectors, $"0 or at least {LogicalBlockSize / SectorSize} (the logical block in sectors)")
            : null;

    // Adding one to the mask of all ones gives 0, which has no bit in common with it either.
    private static bool IsMask(ulong mask) => (mask & unchecked(mask + 1)) == 0;

    private sealed record Fault(string Field, object Value, string Allowed)
    {
        public string Message => $"{Field} is {Value}; it must be {Allowed}.";
    }
}
