using LibMultipath.Ublk.Queues;

namespace UblkNull;

/// <summary>Everything is done as soon as it is asked for: writes are forgotten, and what is read is what the buffer holds.</summary>
internal sealed class NullTarget : UblkTarget
{
    protected override void Handle(UblkRequest request) => request.Complete();
}
