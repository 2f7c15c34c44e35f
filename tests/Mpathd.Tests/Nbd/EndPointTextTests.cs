using System.Net.Sockets;
using Mpathd.Nbd;

namespace Mpathd.Tests.Nbd;

public sealed class EndPointTextTests
{
    [Theory]
    [InlineData("unix:/run/a.sock", "unix:/run/a.sock")]
    [InlineData("tcp:10809", "tcp:127.0.0.1:10809")]
    [InlineData("tcp:0", "tcp:127.0.0.1:0")]
    [InlineData("tcp:localhost:1", "tcp:127.0.0.1:1")]
    [InlineData("tcp:0.0.0.0:65535", "tcp:0.0.0.0:65535")]
    [InlineData("tcp:[::1]:10809", "tcp:[::1]:10809")]
    public void A_place_is_a_socket_or_a_port_and_a_port_alone_is_this_machines(string text, string place) =>
        Assert.Equal(place, EndPointText.Format(EndPointText.Parse(text)));

    [Fact]
    public void A_socket_has_its_full_name() => Assert.Equal(
        new UnixDomainSocketEndPoint(Path.Combine(Directory.GetCurrentDirectory(), "a.sock")), EndPointText.Parse("unix:a.sock"));

    [Theory]
    [InlineData("", "is no place to listen at; give unix:PATH, tcp:PORT or tcp:HOST:PORT")]
    [InlineData("/run/a.sock", "is no place")]
    [InlineData("10809", "is no place")]
    [InlineData("unix:", "is not a name for a socket")]
    [InlineData("tcp:", "there is no port ''")]
    [InlineData("tcp:65536", "there is no port '65536'; give 0 (any that is free) to 65535")]
    [InlineData("tcp:-1", "there is no port '-1'")]
    [InlineData("tcp:host:1", "'host' is no address; give one of this machine, such as 192.0.2.1")]
    [InlineData("tcp:::1:10809", "'::1' is no address")]
    [InlineData("tcp:[127.0.0.1]:1", "is no address")]
    public void What_is_none_is_named_with_what_to_give(string text, string says)
    {
        string message = Assert.Throws<FormatException>(() => EndPointText.Parse(text)).Message;
        Assert.Contains(says, message);
        Assert.Contains($"'{text["unix:".Length <= text.Length && text.StartsWith("unix:", StringComparison.Ordinal) ? 5.. : 0..]}'", message);
    }
}
