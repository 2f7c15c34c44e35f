using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Mpathd.Control;
using Mpathd.Tests.Processes;
using Xunit.Abstractions;

namespace Mpathd.Tests.Control;

public sealed class ControlServerTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const string Status = """{"version":1,"verb":"status"}""";

    private readonly TemporaryFolder _folder = new();
    private readonly Handler _handler = new();
    private ControlSocket? _socket;
    private ControlServer? _server;

    private string SocketPath => Path.Combine(_folder.Path, "control.sock");

    public async ValueTask DisposeAsync()
    {
        await _server!.StopAsync(TimeSpan.FromSeconds(5));
        _server.Dispose();
        _socket!.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Requests_on_one_connection_are_answered_in_order()
    {
        Start(new ControlLimits());
        using Client client = Connect();
        await client.SendAsync($"{Status}\n{Status}\n" + """{"version":1,"verb":"stop"}""" + "\n");
        for (int i = 1; i <= 3; i++)
        {
            using JsonDocument answer = await client.AnswerAsync();
            Assert.Equal($"request {i}", answer.RootElement.GetProperty("message").GetString());
        }

        Assert.Equal(["status", "status", "stop"], _handler.Verbs);
    }

    [Theory]
    [InlineData("", "the line is not a request")]
    [InlineData("null", "the line is not a request")]
    [InlineData("[]", "the line is not a request")]
    [InlineData("{", "the line is not a request")]
    [InlineData("{}", "the request is of version 0, the daemon speaks 1")]
    [InlineData("""{"version":2,"verb":"status"}""", "the request is of version 2, the daemon speaks 1")]
    [InlineData("""{"version":1,"verb":"status","force":true}""", "the line is not a request")]
    [InlineData("""{"version":1,"verb":"status","verb":"stop"}""", "the line is not a request")]
    [InlineData("""{"version":1,"verb":7}""", "the line is not a request")]
    [InlineData("""{"version":99999999999,"verb":"status"}""", "the line is not a request")]
    [InlineData("{\"version\":1,\"verb\":\"status\"}\u0000", "the line is not a request")]
    [InlineData("GET / HTTP/1.1", "the line is not a request")]
    public async Task Nonsense_is_answered_and_the_connection_stays(string line, string says)
    {
        Start(new ControlLimits());
        using Client client = Connect();
        await client.SendAsync(line + "\n");
        Assert.StartsWith(says, await client.RefusalAsync());
        Assert.Empty(_handler.Verbs);
        await client.SendAsync(Status + "\n");
        using JsonDocument answer = await client.AnswerAsync();
        Assert.True(answer.RootElement.GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task A_line_that_comes_byte_by_byte_is_a_line()
    {
        Start(new ControlLimits());
        using Client client = Connect();
        foreach (char each in Status + "\n")
        {
            await client.SendAsync(each.ToString());
        }

        using JsonDocument answer = await client.AnswerAsync();
        Assert.True(answer.RootElement.GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task Half_a_line_is_refused_when_no_more_comes()
    {
        Start(new ControlLimits());
        using Client client = Connect();
        await client.SendAsync(Status);
        client.EndSending();
        Assert.Equal("the line has no end", await client.RefusalAsync());
        Assert.Null(await client.LineAsync());
        Assert.Empty(_handler.Verbs);
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_refused_and_the_connection_ends()
    {
        Start(new ControlLimits { RequestBytes = 1000 });
        using Client client = Connect();
        await client.SendAsync(new string(' ', 1001));
        Assert.Equal("the line is longer than 1000 bytes", await client.RefusalAsync());
        await Eventually.TrueAsync(() => _server!.ClientCount == 0, "the end of the connection");
    }

    [Fact]
    public async Task A_client_that_hangs_is_told_and_let_go()
    {
        Start(new ControlLimits { Read = TimeSpan.FromSeconds(2) });
        using Client silent = Connect();
        using Client slow = Connect();
        await slow.SendAsync("{");
        foreach (Client client in new[] { silent, slow })
        {
            Assert.Contains("no whole request came within 2 s", await client.LineAsync());
            Assert.Null(await client.LineAsync());
        }
    }

    [Fact]
    public async Task A_client_that_takes_no_answer_is_let_go()
    {
        Start(new ControlLimits { Write = TimeSpan.FromMilliseconds(100) });
        _handler.Message = new string('x', 1 << 20);
        using Client deaf = Connect();
        await deaf.SendAsync(Status + "\n");
        await Eventually.TrueAsync(() => _handler.Verbs.Count == 1 && _server!.ClientCount == 0, "the end of the connection");
    }

    [Fact]
    public async Task A_client_that_goes_before_its_answer_hurts_nobody()
    {
        Start(new ControlLimits());
        _handler.Gate = new TaskCompletionSource();
        using (Client client = Connect())
        {
            await client.SendAsync(Status + "\n");
            await Eventually.TrueAsync(() => _handler.Verbs.Count == 1, "the request");
        }

        _handler.Gate.SetResult();
        await AssertServesAsync();
    }

    [Fact]
    public async Task Too_many_clients_are_turned_away_and_one_that_goes_makes_room()
    {
        Start(new ControlLimits { Clients = 4 });
        Client[] clients = [.. Enumerable.Range(0, 4).Select(_ => Connect())];
        await Eventually.TrueAsync(() => _server!.ClientCount == 4, "the clients");
        using (Client more = Connect())
        {
            Assert.Equal("the daemon has 4 clients already", await more.RefusalAsync());
            Assert.Null(await more.LineAsync());
        }

        MpathdException refused = await Assert.ThrowsAsync<MpathdException>(() => new ControlClient(SocketPath).AskAsync(new ControlRequest { Verb = ControlVerbs.Stop }));
        Assert.Equal("the daemon has 4 clients already", refused.Message);
        clients[0].Dispose();
        await Eventually.TrueAsync(() => _server!.ClientCount < 4, "a place");
        await AssertServesAsync();
        Array.ForEach(clients, client => client.Dispose());
    }

    [Fact]
    public async Task Many_clients_are_served_at_a_time()
    {
        Start(new ControlLimits());
        _handler.Gate = new TaskCompletionSource();
        Task<ControlAnswer>[] asked = [.. Enumerable.Range(0, 50).Select(_ => new ControlClient(SocketPath).AskAsync(new ControlRequest { Verb = ControlVerbs.Stop }))];
        await Eventually.TrueAsync(() => _handler.Verbs.Count == 50, "all of them at a time");
        _handler.Gate.SetResult();
        Assert.All(await Task.WhenAll(asked), answer => Assert.True(answer.Ok));
    }

    [Fact]
    public async Task A_fault_of_the_handler_is_an_answer()
    {
        Start(new ControlLimits());
        _handler.Fault = new InvalidOperationException("a fault");
        using (Client client = Connect())
        {
            await client.SendAsync(Status + "\n");
            Assert.Contains("the daemon made a mistake: a fault", await client.LineAsync());
        }

        _handler.Fault = null;
        await AssertServesAsync();
    }

    [Fact]
    public async Task What_was_asked_before_it_stops_is_answered_and_nothing_after()
    {
        Start(new ControlLimits());
        _handler.Gate = new TaskCompletionSource();
        Task<ControlAnswer>[] asked = [.. Enumerable.Range(0, 8).Select(_ => new ControlClient(SocketPath).AskAsync(new ControlRequest { Verb = ControlVerbs.Stop }))];
        await Eventually.TrueAsync(() => _handler.Verbs.Count == 8, "the requests");
        using Client idle = Connect();
        await Eventually.TrueAsync(() => _server!.ClientCount == 9, "the idle client");
        Task stop = _server!.StopAsync(Eventually.Limit);
        Assert.Null(await idle.LineAsync());
        _handler.Gate.SetResult();
        Assert.All(await Task.WhenAll(asked), answer => Assert.True(answer.Ok));
        await stop.WaitAsync(Eventually.Limit);
        Assert.Equal(0, _server.ClientCount);
    }

    [Fact]
    public async Task It_stops_in_time_even_when_a_request_does_not_end()
    {
        Start(new ControlLimits());
        _handler.Gate = new TaskCompletionSource();
        using Client client = Connect();
        await client.SendAsync(Status + "\n");
        await Eventually.TrueAsync(() => _handler.Verbs.Count == 1, "the request");
        await _server!.StopAsync(TimeSpan.FromMilliseconds(50)).WaitAsync(Eventually.Limit);
        _handler.Gate.SetResult();
    }

    [Fact]
    public async Task Whatever_bytes_come_every_line_is_answered_and_others_are_served()
    {
        Random random = Seeds.Random(output);
        Start(new ControlLimits { RequestBytes = 500, Read = TimeSpan.FromSeconds(20) });
        for (int i = 0; i < 200; i++)
        {
            byte[] bytes = Garbage(random);
            using Client client = Connect();
            int lines = 0;
            Task send = client.TrySendAsync(bytes);
            while (await client.LineAsync() is { } line)
            {
                lines++;
                using var json = JsonDocument.Parse(line);
                Assert.Equal(1, json.RootElement.GetProperty("version").GetInt32());
                Assert.True(json.RootElement.GetProperty("ok").GetBoolean() || json.RootElement.GetProperty("error").GetProperty("problem").GetString()!.Length > 0);
            }

            await send;
            Assert.Equal(ExpectedAnswers(bytes, 500), lines);
        }

        await AssertServesAsync();
    }

    private static byte[] Garbage(Random random)
    {
        byte[] bytes = new byte[random.Next(1, 1500)];
        random.NextBytes(bytes);
        byte[] request = Encoding.UTF8.GetBytes(Status);
        for (int at = 0; at + request.Length < bytes.Length; at += random.Next(1, 200))
        {
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)'\n';
                    break;
                case 1:
                    // A request, whole or with a byte that is wrong.
                    request.CopyTo(bytes, at);
                    bytes[at + random.Next(request.Length)] = (byte)random.Next(256);
                    break;
                case 2:
                    request.CopyTo(bytes, at);
                    bytes[at + request.Length] = (byte)'\n';
                    break;
            }
        }

        return bytes;
    }

    private static int ExpectedAnswers(byte[] bytes, int most)
    {
        int answers = 0;
        for (int start = 0; start < bytes.Length;)
        {
            int end = Array.IndexOf(bytes, (byte)'\n', start);
            answers++;
            if (end < 0 || end - start > most)
            {
                break;
            }

            start = end + 1;
        }

        return answers;
    }

    private void Start(ControlLimits limits)
    {
        _socket = ControlSocket.Listen(SocketPath);
        _server = new ControlServer(_socket, _handler, limits, NullLogger.Instance);
        _server.Start();
    }

    private async Task AssertServesAsync() => Assert.True((await new ControlClient(SocketPath).AskAsync(new ControlRequest { Verb = ControlVerbs.Stop })).Ok);

    private Client Connect() => new(SocketPath);

    private sealed class Handler : IControlHandler
    {
        private readonly ConcurrentQueue<string> _verbs = new();

        public IReadOnlyCollection<string> Verbs => _verbs;

        public string? Message { get; set; }

        public TaskCompletionSource? Gate { get; set; }

        public Exception? Fault { get; set; }

        public async Task<ControlAnswer> HandleAsync(ControlRequest request)
        {
            _verbs.Enqueue(request.Verb!);
            string message = Message ?? $"request {_verbs.Count}";
            if (Fault is not null)
            {
                throw Fault;
            }

            await (Gate?.Task ?? Task.CompletedTask);
            return ControlAnswer.Done(message);
        }
    }

    private sealed class Client : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly StreamReader _reader;

        public Client(string path)
        {
            _socket.Connect(new UnixDomainSocketEndPoint(path));
            _reader = new StreamReader(new NetworkStream(_socket));
        }

        public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.UTF8.GetBytes(text));

        /// <summary>Sends as much as the server takes, and no more after it.</summary>
        public async Task TrySendAsync(byte[] bytes)
        {
            try
            {
                await _socket.SendAsync(bytes);
                EndSending();
            }
            catch (SocketException exception)
            {
                Assert.True(exception.SocketErrorCode is SocketError.Shutdown or SocketError.ConnectionReset or SocketError.NotConnected, exception.Message);
            }
        }

        public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

        /// <summary>The next line; null when the server has let go.</summary>
        public async Task<string?> LineAsync()
        {
            try
            {
                return await _reader.ReadLineAsync().WaitAsync(Eventually.Limit);
            }
            catch (IOException)
            {
                return null;
            }
        }

        public async Task<JsonDocument> AnswerAsync() => JsonDocument.Parse((await LineAsync())!);

        public async Task<string> RefusalAsync()
        {
            using JsonDocument answer = await AnswerAsync();
            Assert.False(answer.RootElement.GetProperty("ok").GetBoolean());
            return answer.RootElement.GetProperty("error").GetProperty("problem").GetString()!;
        }

        public void Dispose() => _socket.Dispose();
    }
}
