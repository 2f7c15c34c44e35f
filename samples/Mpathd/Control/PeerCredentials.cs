using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Mpathd.Control;

/// <summary>Who is at the other end of a Unix socket (<c>struct ucred</c>), as the kernel says.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct PeerCredentials
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int PeerCredentialsOption = 17; // SO_PEERCRED

    private readonly int _process;
    private readonly uint _user;
    private readonly uint _group;

    /// <summary>Whether it is the user of this process, or root.</summary>
    public bool MayControl => _user == 0 || _user == Libc.EffectiveUser();

    /// <summary>Asks the kernel.</summary>
    public static PeerCredentials Of(Socket socket)
    {
        Span<PeerCredentials> credentials = stackalloc PeerCredentials[1];
        int read = socket.GetRawSocketOption(SocketLevel, PeerCredentialsOption, MemoryMarshal.AsBytes(credentials));
        return read == Marshal.SizeOf<PeerCredentials>() ? credentials[0] : throw new InvalidOperationException("The kernel does not say who the peer is.");
    }
}
