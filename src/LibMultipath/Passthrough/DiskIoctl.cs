using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.Disk;

namespace LibMultipath.Passthrough;

/// <summary>
/// What the kernel's block layer answers of every disk by itself (<c>blkdev_common_ioctl</c>): of the disk, which need not be
/// what one of its paths says of its own.
/// </summary>
internal static unsafe class DiskIoctl
{
    public const uint IsReadOnly = 0x125e; // BLKROGET
    public const uint Sectors = 0x1260; // BLKGETSIZE
    public const uint MaxSectors = 0x1267; // BLKSECTGET
    public const uint LogicalBlock = 0x1268; // BLKSSZGET
    public const uint Bytes = 0x80081272; // BLKGETSIZE64
    public const uint IoMin = 0x1278; // BLKIOMIN
    public const uint IoOpt = 0x1279; // BLKIOOPT
    public const uint AlignmentOffset = 0x127a; // BLKALIGNOFF
    public const uint PhysicalBlock = 0x127b; // BLKPBSZGET
    public const uint IsRotational = 0x127e; // BLKROTATIONAL
    public const uint ZoneSectors = 0x80041284; // BLKGETZONESZ
    public const uint Zones = 0x80041285; // BLKGETNRZONES

    private const int Misaligned = -1;

    /// <summary>Answers one.</summary>
    /// <returns>Null if the command is not of that kind.</returns>
    public static int? Answer(MpathDisk disk, in MpathIoctl ioctl)
    {
        DiskShape shape = disk.Shape;
        QueueLimits limits = shape.Limits;
        long zone = shape.IsZoned ? limits.ChunkSectors : 0;
        return ioctl.Code switch
        {
            IsReadOnly => Tell(disk, ioctl, shape.IsReadOnly ? 1 : 0),
            Sectors => Tell(disk, ioctl, shape.CapacitySectors),
            MaxSectors => Tell(disk, ioctl, (ushort)Math.Min(limits.MaxSectors, ushort.MaxValue)),
            LogicalBlock => Tell(disk, ioctl, limits.LogicalBlockSize),
            Bytes => Tell(disk, ioctl, shape.CapacitySectors * QueueLimits.SectorSize),
            IoMin => Tell(disk, ioctl, limits.IoMin),
            IoOpt => Tell(disk, ioctl, limits.IoOpt),
            AlignmentOffset => Tell(disk, ioctl, limits.Misaligned ? Misaligned : limits.AlignmentOffset),
            PhysicalBlock => Tell(disk, ioctl, limits.PhysicalBlockSize),
            IsRotational => Tell(disk, ioctl, (ushort)((limits.Features & QueueFeatures.Rotational) != 0 ? 1 : 0)),
            ZoneSectors => Tell(disk, ioctl, (uint)zone),
            Zones => Tell(disk, ioctl, zone == 0 ? 0u : (uint)((shape.CapacitySectors + zone - 1) / zone)),
            _ => null,
        };
    }

    private static int Tell<T>(MpathDisk disk, in MpathIoctl ioctl, T value)
        where T : unmanaged
    {
        if (!disk.IsLive)
        {
            return -(int)Errno.ENXIO;
        }

        if (ioctl.Argument == 0)
        {
            return -(int)Errno.EFAULT;
        }

        Unsafe.WriteUnaligned((void*)ioctl.Argument, value);
        return 0;
    }
}
