using System.Runtime.InteropServices;
using LibMultipath.Ublk.Queues;

namespace LibMultipath.Ublk.Tests.Queues.Kit;

/// <summary>Keeps its requests, and remembers what it was told.</summary>
internal sealed unsafe class HeldTarget : UblkTarget
{
    /// <summary>How many buffers it has for tags; null for none of its own.</summary>
    public int? Buffers { get; set; }

    public List<UblkRequest> Held { get; } = [];

    public List<string> Told { get; } = [];

    /// <summary>What it does when its queue is gone.</summary>
    public Action? Ending { get; set; }

    /// <summary>What it does when it has a buffer back.</summary>
    public Action? Freed { get; set; }

    protected internal override void Handle(UblkRequest request) => Held.Add(request);

    protected internal override void QueueStarting(UblkQueue queue) => Told.Add("starting");

    protected internal override void QueueEnded(UblkQueue queue)
    {
        Told.Add("ended");
        Ending?.Invoke();
    }

    protected internal override nint AllocateBuffer(UblkQueue queue, int tag, int bytes)
    {
        if (Buffers is null)
        {
            return 0;
        }

        Buffers++;
        return (nint)NativeMemory.AlignedAlloc((nuint)bytes, (nuint)Environment.SystemPageSize);
    }

    protected internal override void FreeBuffer(UblkQueue queue, int tag, nint address)
    {
        Buffers--;
        NativeMemory.AlignedFree((void*)address);
        Freed?.Invoke();
    }

    protected internal override void Idle(UblkQueue queue) => Told.Add("idle");
}
