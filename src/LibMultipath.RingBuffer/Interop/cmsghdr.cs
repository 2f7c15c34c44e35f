using System.Runtime.InteropServices;

namespace LibMultipath.RingBuffer.Interop;

/// <summary>What goes before descriptors in a message.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct cmsghdr
{
    public nuint cmsg_len;
    public int cmsg_level;
    public int cmsg_type;
}
