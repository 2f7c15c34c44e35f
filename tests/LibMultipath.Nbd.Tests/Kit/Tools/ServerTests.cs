using System.Net;
using System.Net.Sockets;
using LibMultipath.Nbd.Tests.Kit.Raw;

namespace LibMultipath.Nbd.Tests.Kit.Tools;

/// <summary>The servers that the tests use do what the tests rely on, as seen by a client of the kit's.</summary>
public sealed class ServerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ToolTheory("nbdkit")]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Nbdkit_serves_on_a_socket_and_on_a_port_in_either_form(bool tcp, bool structured)
    {
        using NbdkitServer server = NbdkitServer.Memory(_folder, "a", "1M", new NbdkitOptions { Tcp = tcp, StructuredReplies = structured });
        using RawClient client = RawClient.Of(tcp ? new IPEndPoint(IPAddress.Loopback, server.Port) : new UnixDomainSocketEndPoint(server.Socket!), structured: structured);
        byte[] data = [.. Enumerable.Repeat((byte)42, 4096)];

        client.WriteAt(8192, data);

        Assert.Equal(1u << 20, client.Size);
        Assert.Equal(data, client.ReadAt(8192, 4096));
        Assert.Equal(new byte[512], client.ReadAt(0, 512));
        Assert.Equal(NbdWire.EInval, client.Do(NbdWire.CmdRead, 1 << 20, 512).Error);
    }

    [ToolFact("nbdkit")]
    public void A_server_that_is_killed_refuses_and_one_that_is_started_again_serves()
    {
        string image = _folder.File("image", 1 << 20);
        using NbdkitServer server = NbdkitServer.File(_folder, "a", image);
        var place = new UnixDomainSocketEndPoint(server.Socket!);
        using (RawClient client = RawClient.Of(place))
        {
            client.WriteAt(0, [.. Enumerable.Repeat((byte)7, 512)]);
            server.Kill();
            Assert.True(client.IsAtEnd);
        }

        SocketException refused = Assert.Throws<SocketException>(() => new RawClient(place));
        server.Start();

        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        using RawClient again = RawClient.Of(place);
        Assert.Equal(7, again.ReadAt(0, 512)[511]);
    }

    [ToolFact("nbdkit")]
    public void A_server_that_is_stopped_says_nothing_until_it_goes_on()
    {
        using NbdkitServer server = NbdkitServer.Memory(_folder, "a", "1M");
        using RawClient client = RawClient.Of(new UnixDomainSocketEndPoint(server.Socket!));

        server.Stop();
        client.SendRequest(NbdWire.CmdRead, 0, 512);
        bool answered = client.Socket.Poll(TimeSpan.FromMilliseconds(200), SelectMode.SelectRead);
        server.Continue();

        Assert.False(answered);
        Assert.Equal(512, client.ReadReply(512).Data.Length);
    }

    [ToolFact("qemu-nbd", "qemu-img")]
    public void Qemu_nbd_serves_an_image_by_its_name()
    {
        Tool.Run("qemu-img", "create", "-f", "qcow2", _folder["image"], "1M").Succeeded();
        using var server = new QemuNbdServer(_folder, "a", _folder["image"], "qcow2", "disk");
        using RawClient client = RawClient.Of(new UnixDomainSocketEndPoint(server.Socket!), "disk");
        using var stranger = new RawClient(new UnixDomainSocketEndPoint(server.Socket!));
        stranger.Greet();

        client.WriteAt(0, new byte[512]);

        Assert.Equal(1u << 20, client.Size);
        Assert.Equal(NbdWire.RepErrUnknown, stranger.TryGo("other"));
    }

    [ToolFact("nbdkit", "nbdinfo")]
    public void The_certificates_are_good_for_a_server_and_a_client()
    {
        var ours = new TlsFolder(_folder, "ours");
        var theirs = new TlsFolder(_folder, "theirs");
        var without = new TlsFolder(_folder, "without", client: false);
        File.Copy(ours["ca-cert.pem"], without["ca-cert.pem"], overwrite: true);
        using NbdkitServer server = NbdkitServer.Memory(_folder, "a", "1M", new NbdkitOptions { Tcp = true, Tls = ours.Name, VerifyPeer = true });

        string good = Tool.Run("nbdinfo", "--size", Uri(ours)).Succeeded();

        Assert.Equal("1048576", good.Trim());
        Tool.Run("nbdinfo", "--size", Uri(theirs)).Failed();
        Tool.Run("nbdinfo", "--size", Uri(without)).Failed();

        string Uri(TlsFolder folder) => $"nbds://localhost:{server.Port}/?tls-certificates={folder.Name}";
    }
}
