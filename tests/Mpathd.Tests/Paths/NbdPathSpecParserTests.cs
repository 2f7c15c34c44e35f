using System.Net;
using System.Net.Sockets;
using LibMultipath.Nbd;
using LibMultipath.Paths;
using Mpathd.Paths;

namespace Mpathd.Tests.Paths;

public sealed class NbdPathSpecParserTests
{
    [Theory]
    [InlineData("nbd:unix:/run/a.sock", "nbd+unix:///?socket=/run/a.sock")]
    [InlineData("nbd:unix:/run/a.sock,name=a b", "nbd+unix:///a%20b?socket=/run/a.sock")]
    [InlineData("nbd:tcp:127.0.0.1:10810", "nbd://127.0.0.1:10810")]
    [InlineData("nbd:tcp:[::1]:10810,name=disk", "nbd://[::1]:10810/disk")]
    [InlineData("nbd:tcp:storage:1", "nbd://storage:1")]
    [InlineData("nbd://storage/disk", "nbd://storage:10809/disk")]
    [InlineData("nbd+unix:///disk?socket=/run/a.sock", "nbd+unix:///disk?socket=/run/a.sock")]
    [InlineData("nbds://storage/,tls-certificates=/etc/pki", "nbds://storage:10809")]
    [InlineData("nbd:tcp:storage:1,tls-certificates=/etc/pki", "nbds://storage:1")]
    [InlineData("nbds+unix:///?socket=/run/a.sock,tls-certificates=/etc/pki", "nbds+unix:///?socket=/run/a.sock")]
    public void A_server_is_a_socket_a_host_or_a_URI(string text, string address) =>
        Assert.Equal(address, Assert.IsType<NbdPathSpec>(PathSpecParser.Parse(text)).Address.ToString());

    [Fact]
    public void Options_come_in_any_order()
    {
        var address = new NbdAddress(new UnixDomainSocketEndPoint("/a")) { ExportName = "x", UsesTls = true };
        var times = new FailureTimes { ReconnectDelay = TimeSpan.FromMilliseconds(100), FastIoFail = TimeSpan.FromSeconds(5), Loss = Timeout.InfiniteTimeSpan };
        Assert.Equal(
            new NbdPathSpec(address, "pki", times, MpathAccessState.NonOptimized, 3),
            PathSpecParser.Parse("nbd:unix:/a,loss=off,node=3,tls-certificates=pki,state=non-optimized,name=x,fast-fail=5s,reconnect=100ms"));
        Assert.Equal(
            new NbdPathSpec(new NbdAddress(new IPEndPoint(IPAddress.Loopback, 7)), null, new FailureTimes { FastIoFail = Timeout.InfiniteTimeSpan, Loss = TimeSpan.Zero }, null, -1),
            PathSpecParser.Parse("nbd:tcp:127.0.0.1:7,fast-fail=off,loss=0s"));
    }

    [Theory]
    [InlineData("nbd+unix:///?socket=/run/a.sock")]
    [InlineData("nbd://storage:10809/disk,reconnect=100ms,fast-fail=off,loss=600s,state=inaccessible,node=2")]
    [InlineData("nbds+unix:///a%2Cb?socket=/run/c%2Cd,tls-certificates=/etc/pki,loss=off")]
    public void A_path_is_written_as_it_is_read(string text) => Assert.Equal(text, PathSpecText.Format(PathSpecParser.Parse(text)));

    [Fact]
    public void A_socket_and_a_folder_are_written_with_their_full_names()
    {
        string here = Directory.GetCurrentDirectory();
        Assert.Equal(
            $"nbds+unix:///x?socket={here}/a.sock,tls-certificates={here}/pki",
            PathSpecText.Format(PathSpecParser.Parse("nbd:unix:a.sock,name=x,tls-certificates=pki")));
    }

    [Theory]
    [InlineData("nbd:", "names no server; give nbd:unix:PATH, nbd:tcp:HOST:PORT or nbd://HOST")]
    [InlineData("nbd:/run/a.sock", "names no server")]
    [InlineData("nbd:unix:", "names no socket")]
    [InlineData("nbd:tcp:10809", "has no host and port")]
    [InlineData("nbd:tcp:host:0", "port '0' is out of range; give 1 to 65535")]
    [InlineData("nbd://", "names no host")]
    [InlineData("nbd+unix:///disk", "does not say where the socket is")]
    [InlineData("nbd://host/,name=x", "there is no option 'name=x' of a nbd path; give tls-certificates=DIR, ")]
    [InlineData("nbd:unix:/a,Name=x", "'Name=x'")]
    [InlineData("nbd:unix:/a,name=x,name=y", "name twice")]
    [InlineData("nbds://host", "names no certificates; give tls-certificates=DIR, the folder of ca-cert.pem")]
    [InlineData("nbd:unix:/a,tls-certificates=", "names no certificates")]
    [InlineData("nbd:unix:/a,reconnect=10", "reconnect '10' is not a duration")]
    [InlineData("nbd:unix:/a,reconnect=0s", "reconnect 0s is out of range; give 1ms to 4294967s, such as reconnect=10s")]
    [InlineData("nbd:unix:/a,reconnect=off", "'off' is not a duration")]
    [InlineData("nbd:unix:/a,loss=4294968s", "loss 4294968s is out of range; give 0s to 4294967s, such as loss=600s, or off")]
    [InlineData("nbd:unix:/a,fast-fail=never", "fast-fail 'never' is not a duration")]
    [InlineData("nbd:unix:/a,state=gone", "there is no state 'gone'; give optimized, non-optimized or inaccessible")]
    [InlineData("nbd:unix:/a,node=1024", "0 to 1023")]
    [InlineData("nbd+tcp://host", "is not a path")]
    public void What_is_no_path_is_named_with_what_to_give(string text, string says)
    {
        string message = Assert.Throws<FormatException>(() => PathSpecParser.Parse(text)).Message;
        Assert.Contains($"'{text}'", message);
        Assert.Contains(says, message);
    }
}
