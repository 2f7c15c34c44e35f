using System.Runtime.InteropServices;

namespace LibMultipath.Nbd.Interop;

/// <summary><c>struct msghdr</c>, as 64-bit Linux has it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct msghdr
{
    public void* msg_name;
    public uint msg_namelen;
    public iovec* msg_iov;
    public nuint msg_iovlen;
    public void* msg_control;
    public nuint msg_controllen;
    public int msg_flags;
}
