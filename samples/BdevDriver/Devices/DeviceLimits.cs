using System.Numerics;
using BdevDriver.Abi;
using LibMultipath.Block;
using LoopDriver;
using Microsoft.Win32.SafeHandles;

namespace BdevDriver.Devices;

/// <summary>
/// The limits of a device. What a device says that no limit can be (a preferred size that is no multiple of its block) is
/// left out: the kernel takes any I/O that fits the logical block, and splits what is too large for the device.
/// </summary>
internal static class DeviceLimits
{
    // As many bits as the library takes: memory that begins at a page.
    private const int MostDmaAlignment = 4095;

    public static QueueLimits Of(DeviceSystem system, SafeFileHandle device, DeviceFolder folder)
    {
        DeviceFolder disk = folder.Disk;
        int block = system.Get<int>(device, Ioctls.BLKSSZGET) is { } size and >= QueueLimits.SectorSize ? size : QueueLimits.SectorSize;
        long physical = system.Get<uint>(device, Ioctls.BLKPBSZGET) ?? 0;
        physical = physical >= block && physical <= QueueLimits.MaxIoMin && BitOperations.IsPow2(physical) ? physical : block;
        int offset = system.Get<int>(device, Ioctls.BLKALIGNOFF) ?? 0;
        bool misaligned = offset < 0;
        var limits = new QueueLimits
        {
            LogicalBlockSize = block,
            PhysicalBlockSize = (int)physical,
            IoMin = Multiple(system.Get<uint>(device, Ioctls.BLKIOMIN), physical, QueueLimits.MaxIoMin),
            IoOpt = misaligned ? 0 : Multiple(system.Get<uint>(device, Ioctls.BLKIOOPT), physical, int.MaxValue),
            AlignmentOffset = offset < physical ? Multiple(offset, block, int.MaxValue) : 0,
            Misaligned = misaligned,
            MaxSectors = MostSectors(disk, block),
            MaxSegments = (int)Math.Clamp(disk.Number("queue/max_segments") ?? LoopIo.MaxSegments, 1, LoopIo.MaxSegments),
            DmaAlignment = (int)Math.Min(disk.Number("queue/dma_alignment") ?? block - 1, MostDmaAlignment),
            ChunkSectors = Multiple(disk.Number("queue/chunk_sectors"), block / QueueLimits.SectorSize, int.MaxValue),
            MaxWriteZeroesSectors = Sectors(disk.Number("queue/write_zeroes_max_bytes"), block, OpenDescriptor.MaxWriteZeroesSectors),
            Features = FeaturesOf(disk),
        };
        return WithDiscard(limits, folder);
    }

    private static QueueLimits WithDiscard(QueueLimits limits, DeviceFolder folder)
    {
        int block = limits.LogicalBlockSize;
        int most = Sectors(folder.Disk.Number("queue/discard_max_bytes"), block, OpenDescriptor.MaxDiscardSectors);
        int granularity = Multiple(folder.Disk.Number("queue/discard_granularity"), block, int.MaxValue);
        granularity = granularity < limits.PhysicalBlockSize ? limits.PhysicalBlockSize : granularity;
        int alignment = Multiple(folder.Number("discard_alignment"), block, int.MaxValue);
        return limits with
        {
            MaxDiscardSectors = most,
            DiscardGranularity = granularity,
            DiscardAlignment = alignment < granularity ? alignment : 0,
        };
    }

    // What the kernel makes of a flush and of FUA it makes for us too; it says here what the device has.
    private static QueueFeatures FeaturesOf(DeviceFolder disk)
    {
        QueueFeatures features = disk.Text("queue/write_cache") == "write back" ? QueueFeatures.WriteCache : QueueFeatures.None;
        if (features != QueueFeatures.None && disk.Number("queue/fua") == 1)
        {
            features |= QueueFeatures.Fua;
        }

        features |= disk.Number("queue/rotational") == 1 ? QueueFeatures.Rotational : QueueFeatures.None;
        features |= disk.Number("queue/stable_writes") == 1 ? QueueFeatures.StableWrites : QueueFeatures.None;
        return features;
    }

    private static int MostSectors(DeviceFolder disk, int block)
    {
        int usual = new QueueLimits().MaxSectors;
        long most = disk.Number("queue/max_sectors_kb") * 1024 / QueueLimits.SectorSize ?? usual;
        int sectors = block / QueueLimits.SectorSize;
        most = Math.Clamp(most, Math.Max(8, sectors), Math.Max(usual, sectors));
        return (int)(most - (most % sectors));
    }

    private static int Sectors(long? bytes, int block, int most)
    {
        long sectors = Math.Min((bytes ?? 0) / QueueLimits.SectorSize, most);
        return (int)(sectors - (sectors % (block / QueueLimits.SectorSize)));
    }

    private static int Multiple(long? value, long unit, int most) =>
        value is { } number && number > 0 && number <= most && number % unit == 0 ? (int)number : 0;
}
