using System.Runtime.InteropServices;

namespace LibMultipath.RingBuffer;

/// <summary>What a producer's threads write with every record, and what they read beside it. Nothing else shares a line with it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 320)]
internal unsafe struct ProducerState
{
    public const int Free = 0;
    public const int Taken = 1;
    public const int Closed = 2;

    /// <summary>Who has it reserves.</summary>
    [FieldOffset(128)]
    public int Gate;

    /// <summary>Whether who reserves takes the gate, or the caller sees to it that nobody else does.</summary>
    [FieldOffset(132)]
    public bool TakesTurns;

    /// <summary>How many were consumed when this was last looked at: not before the ring seems full.</summary>
    [FieldOffset(136)]
    public ulong Consumed;

    [FieldOffset(144)]
    public ulong Size;

    [FieldOffset(152)]
    public byte* Data;

    [FieldOffset(160)]
    public ProducerPage* Producer;

    [FieldOffset(168)]
    public ConsumerPage* Consumer;
}
