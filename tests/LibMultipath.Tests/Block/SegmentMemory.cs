using System.Runtime.InteropServices;
using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

/// <summary>Memory for bios that stays where it is, some of it native, all of it aligned to 4 KiB.</summary>
internal sealed unsafe class SegmentMemory : IDisposable
{
    private const int Alignment = 4096;

    private readonly List<nint> _native = [];

    /// <summary>Adds segments to a bio as they are cut.</summary>
    public void AddTo(Bio bio, SplitCase.Cut[] cuts)
    {
        foreach (SplitCase.Cut cut in cuts)
        {
            bio.AddSegment(cut.IsNative ? Native(cut.Length) : Managed(cut.Length));
        }
    }

    /// <summary>Writes the bytes over the segments of a bio, in order.</summary>
    public static void Fill(Bio bio, ReadOnlySpan<byte> bytes)
    {
        foreach (BioSegment segment in bio.Segments)
        {
            bytes[..segment.Length].CopyTo(segment.Span);
            bytes = bytes[segment.Length..];
        }
    }

    /// <summary>Reads the segments of a bio, in order.</summary>
    public static byte[] Collect(Bio bio)
    {
        var bytes = new byte[bio.Size];
        int offset = 0;
        foreach (BioSegment segment in bio.Segments)
        {
            segment.Span.CopyTo(bytes.AsSpan(offset));
            offset += segment.Length;
        }

        return bytes;
    }

    public void Dispose()
    {
        foreach (nint address in _native)
        {
            NativeMemory.AlignedFree((void*)address);
        }
    }

    private static BioSegment Managed(int length)
    {
        byte[] array = GC.AllocateUninitializedArray<byte>(length + Alignment, pinned: true);
        int start = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) & (Alignment - 1));
        return new BioSegment(array.AsMemory(start, length));
    }

    private BioSegment Native(int length)
    {
        nint address = (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(length, 1), Alignment);
        _native.Add(address);
        return new BioSegment(address, length);
    }
}
