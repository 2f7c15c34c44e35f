using System.Runtime.InteropServices;

namespace Mpathd.Engine;

/// <summary>
/// The memory of a lane: as many native buffers as it has I/Os in flight, aligned as direct I/O wants it, and the one
/// that writes without verification share. Disposed only when no I/O is under way; otherwise it must be leaked,
/// because a driver may still write to it.
/// </summary>
internal sealed unsafe class LaneBuffers : IDisposable
{
    private const int Alignment = 4096;

    private readonly nuint _stride;
    private readonly int[] _free;
    private readonly int _count;
    private byte* _memory;
    private int _freeCount;

    /// <summary>Takes the memory.</summary>
    /// <param name="count">How many buffers.</param>
    /// <param name="size">Of each, in bytes.</param>
    /// <param name="alignment">At least this.</param>
    public LaneBuffers(int count, int size, int alignment)
    {
        alignment = Math.Max(alignment, Alignment);
        _count = count;
        _stride = ((nuint)size + (nuint)alignment - 1) / (nuint)alignment * (nuint)alignment;
        _memory = (byte*)NativeMemory.AlignedAlloc(_stride * (nuint)(count + 1), (nuint)alignment);
        _free = [.. Enumerable.Range(0, count)];
        _freeCount = count;
        Size = size;
        ulong word = 0;
        foreach (ref ulong each in MemoryMarshal.Cast<byte, ulong>(Span(count, size)))
        {
            each = SeededRandom.Mix(++word);
        }
    }

    /// <summary>Of each buffer, in bytes.</summary>
    public int Size { get; }

    /// <summary>The buffer with the fill pattern. Only to be written from.</summary>
    public int Pattern => _count;

    public int Take() => _free[--_freeCount];

    public void Return(int buffer) => _free[_freeCount++] = buffer;

    public nint Address(int buffer) => (nint)(_memory + ((nuint)buffer * _stride));

    public Span<byte> Span(int buffer, int length) => new((void*)Address(buffer), length);

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
