using LibMultipath.IoUring;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Queues;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>
/// A target that uses registered buffers of its own where the driver wants to put those of every other tag: the kernel gives out
/// neighbours, from a place that it chooses at random.
/// </summary>
internal sealed unsafe class SlotTaker(SafeFileHandle file) : FileTarget(file)
{
    private readonly MappedMemory _own = MappedMemory.Anonymous(4096);

    /// <summary>How many requests had to be registered by hand.</summary>
    public int ByHand { get; private set; }

    protected internal override void QueueStarting(UblkQueue queue)
    {
        for (int slot = 0; slot < queue.TagCount; slot += 2)
        {
            queue.Loop.Ring.SetBuffer(slot, _own.Address, _own.Length);
        }
    }

    protected internal override void Handle(UblkRequest request)
    {
        ByHand += (request.Flags & UblkIoFlags.NeedRegisterBuffer) != 0 ? 1 : 0;
        base.Handle(request);
    }
}
