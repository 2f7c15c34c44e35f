using System.Runtime.InteropServices;

namespace LibMultipath.RingBuffer.Interop;

/// <summary>A piece of memory for a message.</summary>
#pragma warning disable CS8981 // The name is the C library's.
[StructLayout(LayoutKind.Sequential)]
internal struct iovec
{
    public nint iov_base;
    public nuint iov_len;
}
