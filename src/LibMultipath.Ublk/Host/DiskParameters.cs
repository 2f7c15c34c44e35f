using System.Numerics;
using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Queues;

namespace LibMultipath.Ublk.Host;

/// <summary>What a disk is, in the words of the driver.</summary>
internal static class DiskParameters
{
    public static UblkParameters Of(BlockDevice disk, UblkHostOptions options)
    {
        QueueLimits limits = disk.Limits;
        bool copies = options.Mode is not (UblkDataMode.ZeroCopy or UblkDataMode.AutoZeroCopy);
        return new UblkParameters
        {
            LogicalBlockSize = limits.LogicalBlockSize,
            PhysicalBlockSize = limits.PhysicalBlockSize,
            IoMin = PowerOfTwo(limits.IoMin),
            IoOpt = PowerOfTwo(limits.IoOpt),
            DevSectors = disk.CapacitySectors,
            MaxSectors = Math.Min(limits.MaxSectors, options.MaxIoBytes / QueueLimits.SectorSize),
            ChunkSectors = BitOperations.IsPow2(limits.ChunkSectors) ? limits.ChunkSectors : 0,
            Attributes = AttributesOf(disk, options),
            Discard = DiscardOf(limits),

            // Copied data lies in the queue's own buffers, which are aligned to the page; else it is the client's.
            DmaAlignment = copies || limits.DmaAlignment == 0 ? null : limits.DmaAlignment,
            Segment = copies ? null : new UblkSegment { MaxSize = limits.MaxSegmentSize, MaxSegments = Math.Min(limits.MaxSegments, ushort.MaxValue) },
        };
    }

    private static UblkAttributes AttributesOf(BlockDevice disk, UblkHostOptions options)
    {
        QueueFeatures features = disk.Limits.Features;
        UblkAttributes attributes = options.ReadOnly || disk.IsReadOnly ? UblkAttributes.ReadOnly : 0;
        attributes |= (features & QueueFeatures.Rotational) != 0 ? UblkAttributes.Rotational : 0;
        attributes |= (features & QueueFeatures.WriteCache) != 0 ? UblkAttributes.VolatileCache : 0;
        attributes |= (features & (QueueFeatures.WriteCache | QueueFeatures.Fua)) == (QueueFeatures.WriteCache | QueueFeatures.Fua) ? UblkAttributes.Fua : 0;
        return attributes;
    }

    private static UblkDiscard? DiscardOf(QueueLimits limits) =>
        limits.MaxDiscardSectors == 0 && limits.MaxWriteZeroesSectors == 0
            ? null
            : new UblkDiscard
            {
                Granularity = limits.MaxDiscardSectors == 0 ? limits.PhysicalBlockSize : limits.DiscardGranularity,
                Alignment = limits.DiscardAlignment,
                MaxSectors = limits.MaxDiscardSectors,
                MaxWriteZeroesSectors = limits.MaxWriteZeroesSectors,
            };

    // The driver takes these as shifts; they are hints, and a wrong hint is worse than none.
    private static int PowerOfTwo(int bytes) => BitOperations.IsPow2(bytes) ? bytes : 0;
}
