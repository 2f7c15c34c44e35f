using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Control;

/// <summary>Memory that a command of the kernel reads and writes: it is given back by <see cref="Dispose"/> alone, never by a finalizer.</summary>
/// <remarks>So the memory of a command that does not end is simply never given back.</remarks>
internal sealed unsafe class ControlMemory : IDisposable
{
    public const int Length = 2048;

    private void* _address = NativeMemory.AllocZeroed(Length);

    public ulong Address => (ulong)_address;

    public Span<byte> Span => new(_address, Length);

    public void Dispose()
    {
        NativeMemory.Free(_address);
        _address = null;
    }
}
