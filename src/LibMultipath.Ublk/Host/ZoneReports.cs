using System.Collections.Concurrent;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Queues;
using LibMultipath.Work;
using LibMultipath.Zones;

namespace LibMultipath.Ublk.Host;

/// <summary>
/// Answers the zone reports of a device. A driver may block while it reads its zones, and a queue's thread must not: so a
/// work does it that has a thread of its own, one report after the other.
/// </summary>
internal sealed class ZoneReports
{
    private readonly MpathDisk _disk;
    private readonly ConcurrentQueue<UblkRequest> _waiting = new();
    private readonly DeferredWork _work;

    public ZoneReports(MpathDisk disk)
    {
        _disk = disk;
        _work = new DeferredWork(WorkScheduler.Default, WorkKind.BlockingReclaim, AnswerAll);
    }

    /// <summary>The request ends when the zones were read, and with the errno of the report if they could not be.</summary>
    public void Submit(UblkRequest request)
    {
        _waiting.Enqueue(request);
        _work.Queue();
    }

    private void AnswerAll()
    {
        while (_waiting.TryDequeue(out UblkRequest request))
        {
            Answer(request);
        }
    }

    private void Answer(UblkRequest request)
    {
        // No more than there are, whatever is asked for.
        var zones = new Zone[Math.Min(request.Sectors, (_disk.CapacitySectors / _disk.Limits.ChunkSectors) + 1)];
        int count = _disk.ReportZones(request.Sector, zones);
        if (count <= 0)
        {
            request.Fail(count == 0 ? Errno.EIO : (Errno)(-count));
            return;
        }

        request.CompleteReport(Array.ConvertAll(zones[..count], ToAbi));
    }

    private static blk_zone ToAbi(Zone zone) => new()
    {
        start = (ulong)zone.Start,
        len = (ulong)zone.Length,
        wp = (ulong)zone.WritePointer,
        type = (blk_zone_type)zone.Type,
        cond = (blk_zone_cond)zone.Condition,
        non_seq = zone.IsNonSequential ? (byte)1 : (byte)0,
        reset = zone.ResetRecommended ? (byte)1 : (byte)0,
        capacity = (ulong)zone.Capacity,
    };
}
