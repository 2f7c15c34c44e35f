using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Queues;

namespace LibMultipath.Ublk.Host;

/// <summary>Serves a device from a disk: a request becomes a bio on the request's own memory.</summary>
internal sealed class DiskTarget : UblkTarget
{
    private readonly DiskIoSlot[][] _slots;
    private readonly ZoneReports? _reports;

    public DiskTarget(BlockDevice disk, int queues, int depth)
    {
        _slots = [.. Enumerable.Range(0, queues).Select(_ => Enumerable.Range(0, depth).Select(_ => new DiskIoSlot(disk)).ToArray())];
        _reports = disk is MpathDisk { IsZoned: true } zoned ? new ZoneReports(zoned) : null;
    }

    protected internal override void Handle(UblkRequest request)
    {
        if (request.Op == UblkOp.ReportZones && _reports is not null)
        {
            _reports.Submit(request);
        }
        else
        {
            _slots[request.Queue.QueueId][request.Tag].Submit(request);
        }
    }
}
