using System.Numerics;
using System.Text;
using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Queues;

namespace LibMultipath.Ublk.Host;

/// <summary>What a disk is, in the words of the driver.</summary>
internal static class DiskParameters
{
    // What it is for a device of which nothing was said.
    private const int KernelDmaAlignment = 511;

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
            Zoned = ZonedOf(disk, options),

            // Copied data lies in the queue's own buffers, which are aligned to the page; else it is the client's.
            DmaAlignment = copies || limits.DmaAlignment == 0 ? null : limits.DmaAlignment,
            Segment = copies ? null : new UblkSegment { MaxSize = limits.MaxSegmentSize, MaxSegments = Math.Min(limits.MaxSegments, ushort.MaxValue) },
        };
    }

    /// <summary>What the disk must not gain or lose while the device shows it, since the device is what it is.</summary>
    public static QueueFeatures ReliedOn(UblkDevice device) =>
        (NeedsRegisteredBuffers(device) ? QueueFeatures.RegisteredBuffers : 0)
        | (HasCache(device) ? 0 : QueueFeatures.WriteCache);

    /// <summary>How the data of its requests is aligned, as <see cref="QueueLimits.DmaAlignment"/> says it.</summary>
    public static int AlignmentOf(UblkDevice device) =>
        !NeedsRegisteredBuffers(device) ? Environment.SystemPageSize - 1 : device.Parameters.DmaAlignment ?? KernelDmaAlignment;

    /// <summary>Why a device cannot show a disk of these limits; null if it can.</summary>
    public static string? Misfit(UblkDevice device, string name, QueueLimits limits) =>
        NeedsRegisteredBuffers(device) && (limits.Features & QueueFeatures.RegisteredBuffers) == 0 ? $"it moves data without a copy, which not all paths of {name} can"
        : !HasCache(device) && (limits.Features & QueueFeatures.WriteCache) != 0 ? $"it has no volatile cache, and {name} has: flushes would be missing"
        : ZoneSectorsOf(device.Parameters) != ZoneSectorsOf(limits) ? $"it has {Zones(ZoneSectorsOf(device.Parameters))}, and {name} has {Zones(ZoneSectorsOf(limits))}"
        : limits.DmaAlignment > AlignmentOf(device) ? $"its data is aligned to {AlignmentOf(device) + 1} bytes, and {name} needs {limits.DmaAlignment + 1}"
        : null;

    /// <summary>A number that stands for the data, so that it fits in what the driver keeps for a server (FNV-1a).</summary>
    public static ulong IdentityOf(BlockDevice disk, UblkHostOptions options)
    {
        ulong hash = 14695981039346656037;
        foreach (byte character in Encoding.UTF8.GetBytes(options.Identity ?? disk.Name))
        {
            hash = (hash ^ character) * 1099511628211;
        }

        return hash;
    }

    private static bool NeedsRegisteredBuffers(UblkDevice device) => UblkDataModes.Of(device.Info.Features) is UblkDataMode.ZeroCopy or UblkDataMode.AutoZeroCopy;

    private static bool HasCache(UblkDevice device) => (device.Parameters.Attributes & UblkAttributes.VolatileCache) != 0;

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

    // An append that is longer than the longest request would not come in one piece.
    private static UblkZoned? ZonedOf(BlockDevice disk, UblkHostOptions options)
    {
        QueueLimits limits = disk.Limits;
        if (ZoneSectorsOf(limits) is not (> 0 and var zone))
        {
            return null;
        }

        // No more than there are: the driver would refuse it.
        int zones = (int)Math.Min(disk.CapacitySectors / zone, int.MaxValue);
        return new UblkZoned
        {
            MaxOpenZones = Math.Min(limits.MaxOpenZones, zones),
            MaxActiveZones = Math.Min(limits.MaxActiveZones, zones),
            MaxAppendSectors = Math.Min(limits.MaxZoneAppendSectors, options.MaxIoBytes / QueueLimits.SectorSize),
        };
    }

    // 0 without zones.
    private static int ZoneSectorsOf(QueueLimits limits) => (limits.Features & QueueFeatures.Zoned) != 0 ? limits.ChunkSectors : 0;

    private static int ZoneSectorsOf(UblkParameters parameters) => parameters.Zoned is null ? 0 : parameters.ChunkSectors;

    private static string Zones(int sectors) => sectors == 0 ? "no zones" : $"zones of {sectors} sectors";

    // The driver takes these as shifts; they are hints, and a wrong hint is worse than none.
    private static int PowerOfTwo(int bytes) => BitOperations.IsPow2(bytes) ? bytes : 0;
}
