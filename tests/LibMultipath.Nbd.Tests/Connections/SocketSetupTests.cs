using System.Net;
using System.Net.Sockets;
using LibMultipath.Nbd.Client;
using LibMultipath.Nbd.Connections;
using LibMultipath.Nbd.Server;
using LibMultipath.Nbd.Tests.Kit.Tools;

namespace LibMultipath.Nbd.Tests.Connections;

public sealed class SocketSetupTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Both_sides_find_out_within_a_minute_that_the_other_machine_has_vanished()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using Socket client = Connect(new NbdAddress(listener.LocalEndPoint!));
        using Socket server = listener.Accept();
        Peer.Prepare(server);

        foreach (Socket socket in (Socket[])[client, server])
        {
            Assert.True(socket.NoDelay);
            Assert.Equal(1, Option(socket, SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
            int idle = Option(socket, SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime);
            int interval = Option(socket, SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval);
            int retries = Option(socket, SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount);
            Assert.InRange(idle + (interval * retries), 1, 60);
        }
    }

    [Fact]
    public void A_unix_socket_tells_the_process_and_user_at_its_other_end()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_folder["peer.sock"]));
        listener.Listen();
        using Socket client = Connect(NbdAddress.Parse($"unix:{_folder["peer.sock"]}"));
        using Socket server = listener.Accept();

        Assert.Equal(Environment.ProcessId, PeerCredentials.Of(client)?.Process);
        Assert.Equal(PeerCredentials.Of(client), PeerCredentials.Of(server));
        Assert.StartsWith($"process {Environment.ProcessId} of user ", Peer.NameOf(server), StringComparison.Ordinal);
    }

    private static Socket Connect(NbdAddress address) =>
        SocketConnector.Connect(address, Eventually.Limit, _ => { }, CancellationToken.None).Socket;

    private static int Option(Socket socket, SocketOptionLevel level, SocketOptionName name) => (int)socket.GetSocketOption(level, name)!;
}
