using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.RingBuffer;
using Mpathd.Control;
using Mpathd.Feeding;
using Mpathd.Tests.Kit;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Serving;

[Collection(ProcessCollection.Name)]
public sealed class FeedVerbTests
{
    private static readonly ControlRequest s_feed = new() { Verb = ControlVerbs.Feed };

    [Fact]
    public async Task Weights_latencies_and_states_are_applied_in_order()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        (ExitCode code, string said) = await FeedAsync(daemon, "weight 0 7\nweight null1 3\n\n# a comment\nlatency 1 80us\nweight 0 9\nstate 0 inaccessible\nstate 0 non-optimized\n");
        Assert.Equal((ExitCode.Done, "mpathd: 6 applied, 0 refused\n"), (code, said));
        Assert.Equal(["9", "3", "80000", "non-optimized"], await ReadAsync(daemon, "path/0/weight", "path/1/weight", "path/1/latency_ns", "path/0/access_state"));
    }

    [Fact]
    public async Task A_path_fails_and_works_again()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(2, 1 << 20);
        await FeedAsync(daemon, "fail 0\n");
        Assert.Equal(["failed", "optimized"], (await daemon.StatusAsync()).Paths.Select(path => path.State));
        await FeedAsync(daemon, "fail 1\nrestore loop0\n");
        Assert.Equal(["optimized", "failed"], (await daemon.StatusAsync()).Paths.Select(path => path.State));
    }

    [Fact]
    public async Task What_is_refused_is_told_with_its_line_and_the_rest_applied()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        (ExitCode code, string said) = await FeedAsync(daemon, "weight 0 1000001\nnonsense\nlatency 0 2h\nfail 7\nlatency 0 4000s\nweight 1 5\n");
        Assert.Equal(ExitCode.Failed, code);
        string[] lines = [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order()];
        Assert.Equal(6, lines.Length);
        Assert.Equal("mpathd: 1 applied, 5 refused", lines[0]);
        Assert.Equal("mpathd: line 1: a weight of 1000001 cannot be; give 0 to 1000000", lines[1]);
        Assert.StartsWith("mpathd: line 2: 'nonsense' says nothing of a path; give ", lines[2]);
        Assert.StartsWith("mpathd: line 3: '2h' is not a duration", lines[3]);
        Assert.StartsWith("mpathd: line 4: there is no path '7'", lines[4]);
        Assert.StartsWith("mpathd: line 5: a latency of 4000000000000 ns cannot be", lines[5]);
        Assert.Equal(["5"], await ReadAsync(daemon, "path/1/weight"));
    }

    [Fact]
    public async Task Many_more_records_than_the_ring_has_room_for_arrive()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        string lines = string.Concat(Enumerable.Range(1, 20_000).Select(i => $"weight 0 {i}\n"));
        Assert.Equal((ExitCode.Done, "mpathd: 20000 applied, 0 refused\n"), await FeedAsync(daemon, lines));
        Assert.Equal(["20000"], await ReadAsync(daemon, "path/0/weight"));
    }

    [Theory]
    [InlineData(FeedKind.Latency, 9u, 1ul, "there is no path 9")]
    [InlineData(FeedKind.Latency, 0u, 0ul, "a latency of 0 ns cannot be")]
    [InlineData(FeedKind.Latency, 0u, ulong.MaxValue, "a latency of 18446744073709551615 ns cannot be")]
    [InlineData(FeedKind.State, 0u, 4ul, "there is no state 4; give 1 (optimized), 2 (non-optimized) or 3 (inaccessible)")]
    [InlineData((FeedKind)6, 0u, 0ul, "there is no kind 6; give 1 to 5")]
    internal async Task A_record_that_cannot_be_is_refused_with_its_tag(FeedKind kind, uint path, ulong value, string says)
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        using Monitor monitor = await Monitor.OpenAsync(daemon);
        monitor.Write(new FeedRecord { Kind = kind, Path = path, Value = value, Tag = 42 });
        FeedReport report = await monitor.ReportAsync();
        Assert.Equal(42ul, report.Tag);
        Assert.StartsWith(says, report.Problem);
        monitor.End();
        report = await monitor.ReportAsync();
        Assert.Equal((0, 1), (report.Applied, report.Refused));
    }

    [Fact]
    public async Task A_record_of_another_length_is_refused()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        using Monitor monitor = await Monitor.OpenAsync(daemon);
        Assert.Equal(Errno.None, monitor.Producer.TryWrite(new byte[23]));
        Assert.Equal("a record has 23 bytes; give 24", (await monitor.ReportAsync()).Problem);
    }

    [Fact]
    public async Task Of_many_refusals_the_first_are_told_and_the_rest_counted()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        using Monitor monitor = await Monitor.OpenAsync(daemon);
        for (int i = 0; i < 1000; i++)
        {
            monitor.Write(new FeedRecord { Kind = FeedKind.Weight, Path = 5 });
        }

        monitor.End();
        int told = 0;
        FeedReport report;
        while ((report = await monitor.ReportAsync()).Refused is null)
        {
            told++;
        }

        Assert.Equal((100, 0L, 1000L), (told, report.Applied, report.Refused));
    }

    [Fact]
    public async Task A_monitor_that_goes_in_the_middle_of_a_record_leaves_what_it_has_said_before()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        using (Monitor monitor = await Monitor.OpenAsync(daemon))
        {
            monitor.Write(new FeedRecord { Kind = FeedKind.Weight, Path = 0, Value = 11 });
            Assert.Equal(Errno.None, monitor.Producer.TryReserve(24, out _));
        }

        await Eventually.TrueAsync(() => ReadAsync(daemon, "path/0/weight").Result[0] == "11", "the weight");
        Assert.Equal((ExitCode.Done, "mpathd: 1 applied, 0 refused\n"), await FeedAsync(daemon, "weight 0 12\n"));
    }

    [Fact]
    public async Task What_was_submitted_behind_a_record_that_was_only_begun_is_applied_when_its_writer_is_killed()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        using Process monitor = Process.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "dying", "DyingMonitor.dll"), daemon.Socket]);
        await monitor.WaitForExitAsync();
        Assert.Equal(128 + MpathdProcess.KillNow, monitor.ExitCode);
        await Eventually.TrueAsync(() => ReadAsync(daemon, "path/0/weight").Result[0] == "11", "the weight");
    }

    [Fact]
    public async Task A_monitor_that_keeps_the_ring_beyond_its_end_is_told_what_that_may_have_cost()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        using Monitor monitor = await Monitor.OpenAsync(daemon);
        Assert.Equal(Errno.None, monitor.Producer.TryReserve(24, out _));
        monitor.Write(new FeedRecord { Kind = FeedKind.Weight, Path = 0, Value = 11 });
        monitor.End(keepsRing: true);
        FeedReport report = await monitor.ReportAsync();
        Assert.StartsWith("the ring was still open after the end", report.Problem);
        Assert.Equal((0L, 0L), (report.Applied, report.Refused));
    }

    [Fact]
    public async Task Two_monitors_feed_side_by_side()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        using Monitor one = await Monitor.OpenAsync(daemon);
        using Monitor two = await Monitor.OpenAsync(daemon);
        one.Write(new FeedRecord { Kind = FeedKind.Weight, Path = 0, Value = 5 });
        two.Write(new FeedRecord { Kind = FeedKind.Weight, Path = 1, Value = 6 });
        await Eventually.TrueAsync(() => ReadAsync(daemon, "path/0/weight", "path/1/weight").Result is ["5", "6"], "both weights");
    }

    [Fact]
    public async Task A_feed_ends_with_the_daemon()
    {
        RunningDaemon daemon = await RunningDaemon.OfNull(1);
        using var lines = new EndlessReader();
        Task<ExitCode> feed = new Feed(daemon.Client, lines, TextWriter.Null).RunAsync(s_feed, CancellationToken.None);
        await Eventually.TrueAsync(() => lines.Lines > 10, "lines that are read");
        await daemon.DisposeAsync();
        MpathdException ended = await Assert.ThrowsAsync<MpathdException>(() => feed.WaitAsync(Eventually.Limit));
        Assert.Equal((ExitCode.Failed, "the daemon has ended"), (ended.Code, ended.Message));
    }

    [Fact]
    public async Task A_feed_that_is_interrupted_says_what_was_applied()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        using var lines = new EndlessReader { Most = 3 };
        using var said = new StringWriter();
        using var interruption = new CancellationTokenSource();
        Task<ExitCode> feed = new Feed(daemon.Client, lines, said).RunAsync(s_feed, interruption.Token);
        await Eventually.TrueAsync(() => lines.Lines == 4 && ReadAsync(daemon, "path/0/weight").Result[0] == "3", "the lines");
        await interruption.CancelAsync();
        Assert.Equal(ExitCode.Interrupted, await feed.WaitAsync(Eventually.Limit));
        Assert.Equal("mpathd: 3 applied, 0 refused\n", said.ToString());
    }

    [Fact]
    public async Task A_feed_that_is_interrupted_ends_though_the_daemon_says_nothing()
    {
        using var folder = new TemporaryFolder();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(folder.File("control.sock")));
        listener.Listen();
        using var lines = new EndlessReader { Most = 0 };
        using var interruption = new CancellationTokenSource();
        Task<ExitCode> feed = new Feed(new ControlClient(folder.File("control.sock")), lines, TextWriter.Null).RunAsync(s_feed, interruption.Token);
        using Socket client = await listener.AcceptAsync();
        byte[] said = new byte[4096];
        await client.ReceiveAsync(said);
        await client.SendAsync("{\"version\":1,\"ok\":true,\"message\":\"feeding\"}\n"u8.ToArray());
        await client.ReceiveAsync(said);
        using var ring = new UserRingBuffer();
        using (UserRingDescriptors descriptors = ring.DescriptorsForProducer())
        {
            descriptors.Send(client);
        }

        await Eventually.TrueAsync(() => lines.Lines == 1, "the feed to read");
        await interruption.CancelAsync();
        Assert.Equal(ExitCode.Interrupted, await feed.WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task A_shell_pipeline_feeds()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        string script = $"(echo weight 0 7; echo state 1 non-optimized; echo bad) | dotnet '{Path.Combine(AppContext.BaseDirectory, "mpathd.dll")}' feed --control '{daemon.Socket}'";
        using Process bash = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string error = await bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.Equal(1, bash.ExitCode);
        Assert.Matches("^mpathd: line 3: 'bad' says nothing of a path; give .*\nmpathd: 2 applied, 1 refused\n$", error);
        Assert.Equal(["7", "non-optimized"], await ReadAsync(daemon, "path/0/weight", "path/1/access_state"));
    }

    [Fact]
    public async Task The_sample_monitor_measures_the_paths_and_ends_with_the_daemon()
    {
        RunningDaemon daemon = await RunningDaemon.OfLoop(2, 1 << 20);
        string program = Path.Combine(AppContext.BaseDirectory, "monitor", "path-monitor.dll");
        using Process monitor = Process.Start(new ProcessStartInfo("dotnet", [program, "--control", daemon.Socket, "--interval", "5"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            await Eventually.TrueAsync(() => monitor.HasExited || !ReadAsync(daemon, "path/0/latency_ns", "path/1/latency_ns").Result.Contains(""), "both latencies", TimeSpan.FromMinutes(2));
        }
        finally
        {
            await daemon.DisposeAsync();
        }

        string output = await monitor.StandardOutput.ReadToEndAsync().WaitAsync(Eventually.Limit);
        Assert.Equal("", await monitor.StandardError.ReadToEndAsync().WaitAsync(Eventually.Limit));
        Assert.Equal("path-monitor: measuring 2 paths every 5 ms\npath-monitor: the daemon has ended\n", output);
        await monitor.WaitForExitAsync();
        Assert.Equal(0, monitor.ExitCode);
    }

    [Theory]
    [InlineData("--control /no/such.sock", 3, "path-monitor: ")]
    [InlineData("--interval 0", 1, "--interval must be from 1 to 3600000, such as 100.")]
    public async Task The_sample_monitor_says_what_it_lacks(string arguments, int code, string says)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "monitor", "path-monitor.dll");
        using Process monitor = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments.Split(' ')]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = await monitor.StandardOutput.ReadToEndAsync();
        Assert.StartsWith(says, (await monitor.StandardError.ReadToEndAsync()).Trim());
        await monitor.WaitForExitAsync();
        Assert.Equal(code, monitor.ExitCode);
    }

    private static async Task<(ExitCode Code, string Said)> FeedAsync(RunningDaemon daemon, string lines)
    {
        using var said = new StringWriter();
        ExitCode code = await new Feed(daemon.Client, new StringReader(lines), said).RunAsync(s_feed, CancellationToken.None).WaitAsync(Eventually.Limit);
        return (code, said.ToString());
    }

    private static async Task<string[]> ReadAsync(RunningDaemon daemon, params string[] names)
    {
        List<string> values = [];
        foreach (string name in names)
        {
            values.Add((await daemon.Client.AskAsync(new ControlRequest { Verb = ControlVerbs.Get, Name = name })).Attribute!.Value!);
        }

        return [.. values];
    }

    /// <summary>A monitor as another program would be one.</summary>
    private sealed class Monitor : IDisposable
    {
        private readonly ControlConversation _conversation;

        private Monitor(ControlConversation conversation, UserRingProducer producer)
        {
            _conversation = conversation;
            Producer = producer;
        }

        public UserRingProducer Producer { get; }

        public static async Task<Monitor> OpenAsync(RunningDaemon daemon)
        {
            ControlConversation conversation = await daemon.Client.BeginAsync(s_feed, CancellationToken.None);
            await conversation.Channel.SendAsync("\n"u8.ToArray(), CancellationToken.None);
            Assert.True(conversation.Channel.Socket.Poll(Eventually.Limit, SelectMode.SelectRead));
            using UserRingDescriptors descriptors = UserRingDescriptors.Receive(conversation.Channel.Socket);
            return new Monitor(conversation, UserRingProducer.Open(descriptors));
        }

        public void Write(FeedRecord record)
        {
            byte[] bytes = new byte[24];
            MemoryMarshal.Write(bytes, record);
            Assert.Equal(Errno.None, Producer.WriteAsync(bytes).AsTask().WaitAsync(Eventually.Limit).Result);
        }

        /// <summary>Says that nothing more comes.</summary>
        /// <param name="keepsRing">As no monitor should.</param>
        public void End(bool keepsRing = false)
        {
            if (!keepsRing)
            {
                Producer.Dispose();
            }

            _conversation.Channel.Socket.Shutdown(SocketShutdown.Send);
        }

        public async Task<FeedReport> ReportAsync()
        {
            using var limit = new CancellationTokenSource(Eventually.Limit);
            return ControlJson.ParseReport((await _conversation.Channel.ReadLineAsync(limit.Token))!)!;
        }

        public void Dispose()
        {
            Producer.Dispose();
            _conversation.Dispose();
        }
    }

    private sealed class EndlessReader : TextReader
    {
        private readonly ManualResetEventSlim _over = new();
        private int _lines;

        /// <summary>How many come before it blocks.</summary>
        public int Most { get; init; } = int.MaxValue;

        /// <summary>How many were asked for.</summary>
        public int Lines => Volatile.Read(ref _lines);

        public override string? ReadLine()
        {
            int line = Interlocked.Increment(ref _lines);
            if (line <= Most)
            {
                return $"weight 0 {line % 1000}";
            }

            _over.Wait();
            return null;
        }

        protected override void Dispose(bool disposing)
        {
            _over.Set();
            base.Dispose(disposing);
        }
    }
}
