using System.Net.Sockets;

namespace LibMultipath.Nbd.Connections;

/// <summary>How a connected socket is set up, on either side.</summary>
internal static class SocketSetup
{
    private const int KeepAliveTime = 30; // s
    private const int KeepAliveInterval = 10; // s
    private const int KeepAliveRetries = 3;

    /// <summary>
    /// So that what is sent leaves at once, and a machine that has vanished is found out within a minute. A Unix socket needs
    /// neither.
    /// </summary>
    /// <exception cref="SocketException">It is not connected any more.</exception>
    public static void Prepare(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
        {
            return;
        }

        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveTime);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveInterval);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveRetries);
    }
}
