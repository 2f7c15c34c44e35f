using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace LibMultipath.Nbd.Server;

/// <summary>Who is at the other end, for the log, and how its socket is set up.</summary>
internal static class Peer
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    // What one answer of the usual size to a copying client takes; the kernel gives what it allows.
    private const int SendBuffer = 1 << 20;

    /// <summary>So that answers leave at once, and a machine that has vanished is found out within a minute.</summary>
    public static void Prepare(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
        {
            // TCP finds out by itself what it needs.
            socket.SendBufferSize = SendBuffer;
            return;
        }

        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    /// <summary>An address, or the process at the other end of a Unix socket.</summary>
    public static string NameOf(Socket socket)
    {
        try
        {
            if (socket.AddressFamily != AddressFamily.Unix)
            {
                return ((IPEndPoint)socket.RemoteEndPoint!).ToString();
            }

            // struct ucred: process, user, group.
            Span<int> credentials = stackalloc int[3];
            socket.GetRawSocketOption(SolSocket, SoPeerCred, MemoryMarshal.AsBytes(credentials));
            return string.Create(CultureInfo.InvariantCulture, $"process {credentials[0]} of user {credentials[1]}");
        }
        catch (SocketException)
        {
            return "a client that has gone";
        }
    }
}
