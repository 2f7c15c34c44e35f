using System.Runtime.InteropServices;

namespace LibMultipath.RingBuffer;

/// <summary>What a drain writes. Nothing else shares a line with it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 320)]
internal struct ConsumerState
{
    public const int Free = 0;
    public const int Taken = 1;
    public const int Closed = 2;

    /// <summary>Who has it drains.</summary>
    [FieldOffset(128)]
    public int Gate;

    /// <summary>Whose thread is in a handler; 0 if none is.</summary>
    [FieldOffset(132)]
    public int Drainer;

    /// <summary>Where the record ends that the handler has, or has had last.</summary>
    [FieldOffset(136)]
    public ulong Next;
}
