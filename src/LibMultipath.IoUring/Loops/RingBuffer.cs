using LibMultipath.Block;

namespace LibMultipath.IoUring.Loops;

/// <summary>
/// Data that lies in a slot of the registered buffers of a loop's ring: I/O that is submitted on that ring can use it
/// (<see cref="Abi.io_uring_sqe.PrepReadFixed"/> with the offset as address).
/// </summary>
/// <param name="loop">The loop.</param>
/// <param name="slot">The slot.</param>
/// <param name="length">In bytes, at most.</param>
public sealed class RingBuffer(RingLoop loop, ushort slot, int length) : RegisteredBuffer(length)
{
    /// <summary>The loop whose ring has it.</summary>
    public RingLoop Loop { get; } = loop;

    /// <summary>The slot.</summary>
    public ushort Slot { get; } = slot;
}
