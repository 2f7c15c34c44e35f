using System.Runtime.InteropServices;

namespace LibMultipath.RingBuffer.Interop;

/// <summary>A message for a socket.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct msghdr
{
    public nint msg_name;
    public uint msg_namelen;
    public nint msg_iov;
    public nuint msg_iovlen;
    public nint msg_control;
    public nuint msg_controllen;
    public int msg_flags;
}
