using System.Net;
using System.Net.Sockets;
using Mpathd.Nbd;

namespace Mpathd.Tests.Nbd;

public sealed class NbdClientsTests
{
    [Fact]
    public void Clients_are_told_the_socket_the_name_and_what_to_quote()
    {
        var place = new UnixDomainSocketEndPoint("/run/a b.sock");
        Assert.Equal(
            ["nbd-client -unix '/run/a b.sock' /dev/nbd0 -N 'it'\\''s'", "nbdinfo 'nbd+unix:///x?socket=/y'"],
            NbdClients.Of(place, new NbdHostOptions(place, "it's"), "nbd+unix:///x?socket=/y"));
    }

    [Theory]
    [InlineData("127.0.0.1:10809", "127.0.0.1 10809")]
    [InlineData("0.0.0.0:1", "localhost 1")]
    [InlineData("[::1]:1", "::1 1")]
    public void Or_the_host_and_the_port(string place, string told)
    {
        var endPoint = IPEndPoint.Parse(place);
        Assert.Equal($"nbd-client {told} /dev/nbd0", NbdClients.Of(endPoint, new NbdHostOptions(endPoint), "nbd://h")[0]);
        Assert.EndsWith(" -x", NbdClients.Of(endPoint, new NbdHostOptions(endPoint, "", "/etc/pki"), "nbds://h")[0]);
        Assert.EndsWith(" -x -F client-cert.pem -K client-key.pem", NbdClients.Of(endPoint, new NbdHostOptions(endPoint, "", "/etc/pki", VerifiesClients: true), "nbds://h")[0]);
    }
}
