using System.Runtime.InteropServices;

namespace LibMultipath.RingBuffer.Interop;

/// <summary>A piece of memory for a message.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct iovec
{
    public nint iov_base;
    public nuint iov_len;
}
