using System.Runtime.InteropServices;

namespace LibMultipath.RingBuffer.Interop;

/// <summary>What is waited for at a descriptor.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct pollfd
{
    public int fd;
    public short events;
    public short revents;
}
