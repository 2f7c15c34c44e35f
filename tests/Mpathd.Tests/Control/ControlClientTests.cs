using System.Net.Sockets;
using System.Text;
using Mpathd.Control;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Control;

/// <summary>What a client makes of whoever listens where it was told to ask.</summary>
public sealed class ControlClientTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("hello\n")]
    [InlineData("[]\n")]
    [InlineData("null\n")]
    [InlineData("{}\n")]
    [InlineData("""{"version":1,"ok":true}""" + "\n")]
    [InlineData("""{"version":1,"ok":false}""" + "\n")]
    [InlineData("""{"version":1,"ok":true,"mess""")]
    public async Task Who_answers_otherwise_than_a_daemon_is_none(string answer)
    {
        foreach (string verb in new[] { ControlVerbs.Status, ControlVerbs.Get, ControlVerbs.Stop, ControlVerbs.PrReadKeys, ControlVerbs.PrReadReservation })
        {
            MpathdException refused = await RefusedAsync(verb, Encoding.UTF8.GetBytes(answer));
            Assert.Equal((ExitCode.Failed, $"what listens at {SocketPath} is no mpathd"), (refused.Code, refused.Message));
            Assert.Equal("name the daemon's socket with --control", refused.Remedy);
        }
    }

    [Theory]
    [InlineData(ControlVerbs.PrReadKeys, """{"version":1,"ok":true,"reservation":{"generation":3,"keys":["0x11"]}}""")]
    [InlineData(ControlVerbs.PrReadReservation, """{"version":1,"ok":true,"reservation":{"generation":3,"reserved":false}}""")]
    public async Task What_is_read_of_reservations_is_an_answer(string verb, string answer)
    {
        using Socket socket = Listen(SocketPath);
        Task serve = AnswerAsync(socket, Encoding.UTF8.GetBytes($"{answer}\n"));
        Assert.Equal(3u, (await AskAsync(verb)).Reservation!.Generation);
        await serve;
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_for_ever()
    {
        MpathdException refused = await RefusedAsync(ControlVerbs.Status, new byte[(16 << 20) + 2]);
        Assert.Equal($"what listens at {SocketPath} is no mpathd", refused.Message);
    }

    [Fact]
    public async Task Who_says_nothing_has_let_go_of_the_client()
    {
        MpathdException refused = await RefusedAsync(ControlVerbs.Status, []);
        Assert.Equal(ExitCode.Failed, refused.Code);
        Assert.Contains("has ended, or let go of this client, before it answered", refused.Message);
    }

    [Fact]
    public async Task Other_daemons_of_the_folder_are_named_and_other_sockets_are_not()
    {
        using var daemon = ControlSocket.Listen(_folder.File("other.sock"));
        using var another = Listen(_folder.File("program.sock"));
        MpathdException refused = await Assert.ThrowsAsync<MpathdException>(() => AskAsync(ControlVerbs.Status));
        Assert.Equal((ExitCode.SystemLacks, $"no daemon listens at {SocketPath} (there are {daemon.Path})"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_daemon_that_takes_no_more_clients_in_is_there_all_the_same()
    {
        using Socket socket = Listen(SocketPath, clients: 0);
        using var waiting = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await waiting.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        var client = new ControlClient(SocketPath) { Limit = TimeSpan.FromMilliseconds(300) };
        MpathdException refused = await Assert.ThrowsAsync<MpathdException>(() => client.AskAsync(new ControlRequest { Verb = ControlVerbs.Status }));
        Assert.Equal((ExitCode.Failed, $"the daemon at {SocketPath} takes no more clients in: too many wait for it"), (refused.Code, refused.Message));

        // One that waits for its turn gets it.
        Task<ControlAnswer> asked = AskAsync(ControlVerbs.Status);
        (await socket.AcceptAsync()).Dispose();
        await AnswerAsync(socket, Encoding.UTF8.GetBytes("hello\n"));
        Assert.Contains("is no mpathd", (await Assert.ThrowsAsync<MpathdException>(() => asked)).Message);
    }

    private string SocketPath => _folder.File("control.sock");

    private async Task<MpathdException> RefusedAsync(string verb, byte[] answer)
    {
        File.Delete(SocketPath);
        using Socket socket = Listen(SocketPath);
        Task serve = AnswerAsync(socket, answer);
        MpathdException refused = await Assert.ThrowsAsync<MpathdException>(() => AskAsync(verb));
        await serve;
        return refused;
    }

    private Task<ControlAnswer> AskAsync(string verb) => new ControlClient(SocketPath).AskAsync(new ControlRequest { Verb = verb });

    private static async Task AnswerAsync(Socket socket, byte[] answer)
    {
        using Socket client = await socket.AcceptAsync();
        await client.ReceiveAsync(new byte[4096]);
        try
        {
            await client.SendAsync(answer);
        }
        catch (SocketException)
        {
            // The client has read enough.
            return;
        }
    }

    private static Socket Listen(string path, int clients = 16)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen(clients);
        return socket;
    }
}
