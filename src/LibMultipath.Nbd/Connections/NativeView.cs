using System.Buffers;

namespace LibMultipath.Nbd.Connections;

/// <summary>Native memory as .NET's streams take it. One object shows one run of bytes after the other.</summary>
internal sealed unsafe class NativeView : MemoryManager<byte>
{
    private nint _address;
    private int _length;

    /// <summary>Shows these bytes from now on.</summary>
    public Memory<byte> Show(nint address, int length)
    {
        _address = address;
        _length = length;
        return CreateMemory(length);
    }

    public override Span<byte> GetSpan() => new((void*)_address, _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new((void*)(_address + elementIndex));

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
