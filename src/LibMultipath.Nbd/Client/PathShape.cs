using LibMultipath.Block;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Client;

/// <summary>An export as a disk: its capacity and limits.</summary>
/// <param name="CapacitySectors">In sectors of 512 bytes; what is left over of a block at the end is not used.</param>
/// <param name="Limits">What bios must keep to.</param>
internal readonly record struct PathShape(long CapacitySectors, QueueLimits Limits)
{
    // Discards and zeroes carry no data; longer ones only make a server that cannot be asked to stop busy for longer.
    private const int MostEmptyBytes = 256 * 1024 * 1024;

    private const int SmallestMaximum = 4096;
    private const int MostSegments = 200;

    /// <summary>What a server's words make.</summary>
    /// <exception cref="BlockException">No disk is like that.</exception>
    public static PathShape Of(NbdAddress address, NbdExportInfo info)
    {
        int block = Math.Max(QueueLimits.SectorSize, (int)info.MinimumBlock);
        long largest = Math.Min(info.MaximumBlock, NbdSizes.Payload) / block * block;
        if (largest < SmallestMaximum)
        {
            throw new BlockException(Errno.EINVAL, $"{address}: the server takes {info.MaximumBlock} bytes at a time; {SmallestMaximum} are needed");
        }

        QueueFeatures features = QueueFeatures.None;
        if (info.Can(NbdExportFlags.SendFlush))
        {
            features |= QueueFeatures.WriteCache | (info.Can(NbdExportFlags.SendFua) ? QueueFeatures.Fua : 0);
        }

        if (info.Can(NbdExportFlags.Rotational))
        {
            features |= QueueFeatures.Rotational;
        }

        int empty = MostEmptyBytes / QueueLimits.SectorSize;
        var limits = new QueueLimits
        {
            LogicalBlockSize = block,
            IoMin = Math.Max(block, (int)Math.Min(info.PreferredBlock, QueueLimits.MaxIoMin)),
            MaxSectors = (int)(largest / QueueLimits.SectorSize),
            MaxSegments = MostSegments,
            MaxSegmentSize = NbdSizes.Payload,
            MaxDiscardSectors = info.Can(NbdExportFlags.SendTrim) ? empty : 0,
            MaxWriteZeroesSectors = info.Can(NbdExportFlags.SendWriteZeroes) ? empty : 0,
            Features = features,
        };
        return new PathShape((long)info.Size / block * (block / QueueLimits.SectorSize), limits);
    }
}
