using System.Runtime.InteropServices;

namespace LibMultipath.RingBuffer.Interop;

/// <summary>What is waited for at a descriptor.</summary>
#pragma warning disable CS8981 // The name is the C library's.
[StructLayout(LayoutKind.Sequential)]
internal struct pollfd
{
    public int fd;
    public short events;
    public short revents;
}
