using System.Numerics;
using LibMultipath.Block;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Server;

/// <summary>What a client is told of an export, and is held to for as long as it is connected.</summary>
/// <param name="Bytes">The size.</param>
/// <param name="Flags">What it can do.</param>
/// <param name="MinBlock">What offsets and lengths are multiples of, in bytes.</param>
/// <param name="PreferredBlock">What they had better be multiples of, in bytes.</param>
/// <param name="MaxPayload">The longest read or write, in bytes.</param>
internal sealed record ExportShape(long Bytes, NbdExportFlags Flags, int MinBlock, int PreferredBlock, int MaxPayload)
{
    // Below a page a request costs as much, and a client that cannot take more is not known.
    private const int LeastPreferred = 4096;

    public bool IsReadOnly => (Flags & NbdExportFlags.ReadOnly) != 0;

    /// <summary>What an export is now.</summary>
    /// <param name="export">The export.</param>
    /// <param name="maxPayload">The longest read or write that the server takes, in bytes: a power of two.</param>
    /// <param name="structured">Whether the client takes structured replies.</param>
    public static ExportShape Of(NbdExport export, int maxPayload, bool structured)
    {
        QueueLimits limits = export.Disk.Limits;

        // All connections lead to one disk, which keeps nothing of its own: what is flushed on one is flushed for all.
        NbdExportFlags flags = NbdExportFlags.HasFlags | NbdExportFlags.SendFlush | NbdExportFlags.SendFua | NbdExportFlags.CanMultiConn;
        flags |= structured ? NbdExportFlags.SendDf : 0;
        flags |= (limits.Features & QueueFeatures.Rotational) != 0 ? NbdExportFlags.Rotational : 0;
        if (export.IsReadOnly || export.Disk.IsReadOnly)
        {
            flags |= NbdExportFlags.ReadOnly;
        }
        else
        {
            flags |= limits.MaxDiscardSectors != 0 ? NbdExportFlags.SendTrim : 0;
            flags |= limits.MaxWriteZeroesSectors != 0 ? NbdExportFlags.SendWriteZeroes | NbdExportFlags.SendFastZero : 0;
        }

        int least = Math.Max(LeastPreferred, limits.LogicalBlockSize);
        int preferred = Math.Clamp(Math.Max(limits.PhysicalBlockSize, limits.IoMin), least, maxPayload);
        return new ExportShape(export.Disk.CapacitySectors * QueueLimits.SectorSize, flags, limits.LogicalBlockSize, PowerOfTwo(preferred), maxPayload);
    }

    // The protocol wants a power of two; a unit that is none is taken for the next smaller one.
    private static int PowerOfTwo(int bytes) => 1 << BitOperations.Log2((uint)bytes);
}
