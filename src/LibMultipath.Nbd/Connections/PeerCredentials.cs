using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace LibMultipath.Nbd.Connections;

/// <summary>Who is at the other end of a Unix socket, as the kernel noted it when the connection was made: <c>struct ucred</c>.</summary>
/// <param name="Process">The process that connected, or that listened.</param>
/// <param name="User">Its user.</param>
internal readonly record struct PeerCredentials(int Process, int User)
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>Asks for them.</summary>
    /// <returns>Null if there are none: the socket is not a Unix socket, or not connected.</returns>
    public static PeerCredentials? Of(Socket socket)
    {
        if (socket.AddressFamily != AddressFamily.Unix)
        {
            return null;
        }

        try
        {
            // Process, user, group.
            Span<int> credentials = stackalloc int[3];
            socket.GetRawSocketOption(SolSocket, SoPeerCred, MemoryMarshal.AsBytes(credentials));
            return new PeerCredentials(credentials[0], credentials[1]);
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
