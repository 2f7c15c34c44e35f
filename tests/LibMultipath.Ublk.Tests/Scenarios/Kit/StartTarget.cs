using LibMultipath.Ublk.Queues;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>A target that does as a test says when a queue starts, and completes every request.</summary>
internal sealed class StartTarget(Action<UblkQueue> starting) : UblkTarget
{
    protected internal override void QueueStarting(UblkQueue queue) => starting(queue);

    protected internal override void Handle(UblkRequest request) => request.Complete();
}
