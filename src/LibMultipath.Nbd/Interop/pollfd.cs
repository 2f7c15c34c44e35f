using System.Runtime.InteropServices;

namespace LibMultipath.Nbd.Interop;

/// <summary><c>struct pollfd</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct pollfd
{
    /// <summary><c>POLLERR | POLLHUP</c>: the connection is gone in both directions.</summary>
    public const short Gone = 0x8 | 0x10;

    /// <summary><c>POLLRDHUP</c>: the peer sends nothing any more.</summary>
    public const short PeerDone = 0x2000;

    public int fd;
    public short events;
    public short revents;
}
