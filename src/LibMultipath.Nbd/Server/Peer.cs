using System.Globalization;
using System.Net.Sockets;
using LibMultipath.Nbd.Connections;

namespace LibMultipath.Nbd.Server;

/// <summary>Who is at the other end, for the log, and how its socket is set up.</summary>
internal static class Peer
{
    // What one answer of the usual size to a copying client takes; the kernel gives what it allows.
    private const int SendBuffer = 1 << 20;

    private const string Gone = "a client that has gone";

    /// <summary>As both sides do it, and so that answers go in one piece.</summary>
    public static void Prepare(Socket socket)
    {
        SocketSetup.Prepare(socket);
        if (socket.AddressFamily == AddressFamily.Unix)
        {
            // TCP finds out by itself what it needs.
            socket.SendBufferSize = SendBuffer;
        }
    }

    /// <summary>An address, or the process at the other end of a Unix socket.</summary>
    public static string NameOf(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
        {
            return PeerCredentials.Of(socket) is { } peer
                ? string.Create(CultureInfo.InvariantCulture, $"process {peer.Process} of user {peer.User}")
                : Gone;
        }

        try
        {
            return socket.RemoteEndPoint?.ToString() ?? Gone;
        }
        catch (SocketException)
        {
            return Gone;
        }
    }
}
