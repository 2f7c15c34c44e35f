using System.Runtime.InteropServices;

namespace LibMultipath.RingBuffer.Interop;

/// <summary>What goes before descriptors in a message.</summary>
#pragma warning disable CS8981 // The name is the C library's.
[StructLayout(LayoutKind.Sequential)]
internal struct cmsghdr
{
    public nuint cmsg_len;
    public int cmsg_level;
    public int cmsg_type;
}
