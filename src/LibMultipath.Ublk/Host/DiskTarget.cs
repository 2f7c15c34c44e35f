using LibMultipath.Block;
using LibMultipath.Ublk.Queues;

namespace LibMultipath.Ublk.Host;

/// <summary>Serves a device from a disk: a request becomes a bio on the request's own memory.</summary>
internal sealed class DiskTarget : UblkTarget
{
    private readonly DiskIoSlot[][] _slots;

    public DiskTarget(BlockDevice disk, int queues, int depth) =>
        _slots = [.. Enumerable.Range(0, queues).Select(_ => Enumerable.Range(0, depth).Select(_ => new DiskIoSlot(disk)).ToArray())];

    protected internal override void Handle(UblkRequest request) => _slots[request.Queue.QueueId][request.Tag].Submit(request);
}
