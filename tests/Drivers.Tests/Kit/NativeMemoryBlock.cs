using System.Runtime.InteropServices;
using LibMultipath.Block;

namespace Drivers.Tests.Kit;

/// <summary>Native memory that begins at a page.</summary>
internal sealed unsafe class NativeMemoryBlock(int length) : IDisposable
{
    private readonly void* _start = NativeMemory.AlignedAlloc((nuint)length, 4096);

    public Span<byte> Span => new(_start, length);

    public BioSegment Segment => new((nint)_start, length);

    public void Dispose() => NativeMemory.AlignedFree(_start);
}
