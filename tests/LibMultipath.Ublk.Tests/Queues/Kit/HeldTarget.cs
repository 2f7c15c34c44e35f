using LibMultipath.Ublk.Queues;

namespace LibMultipath.Ublk.Tests.Queues.Kit;

/// <summary>Keeps its requests, and remembers what it was told.</summary>
internal sealed class HeldTarget : UblkTarget
{
    public List<UblkRequest> Held { get; } = [];

    public List<string> Told { get; } = [];

    /// <summary>What it does when its queue is gone.</summary>
    public Action? Ending { get; set; }

    protected internal override void Handle(UblkRequest request) => Held.Add(request);

    protected internal override void QueueStarting(UblkQueue queue) => Told.Add("starting");

    protected internal override void QueueEnded(UblkQueue queue)
    {
        Told.Add("ended");
        Ending?.Invoke();
    }

    protected internal override void Idle(UblkQueue queue) => Told.Add("idle");
}
