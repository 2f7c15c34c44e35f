using LibMultipath.Block;
using LibMultipath.Paths;
using Mpathd.Control;
using Mpathd.Tests.Kit;
using Mpathd.Tests.Processes;
using Mpathd.Tracing;

namespace Mpathd.Tests.Serving;

[Collection(ProcessCollection.Name)]
public sealed class TraceVerbTests
{
    [Fact]
    public async Task What_happens_to_an_io_is_told_in_order()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        using ControlConversation trace = await TraceAsync(daemon, "all");
        Assert.Equal("tracing bio-submitted, bio-remapped, attempt-ended, bio-ended, bio-requeued, failed-over, path-state-changed, current-path-changed, policy-changed, removal-scheduled, removal-cancelled", trace.Answer.Message);
        await ReadAsync(daemon, sector: 16);

        TraceLine[] lines = await NextAsync(trace, 4);
        Assert.Equal(["bio-submitted", "bio-remapped", "attempt-ended", "bio-ended"], lines.Select(line => line.Point));
        Assert.All(lines, line => Assert.Equal(("read", 16, 4096), (line.Op, line.Sector, line.Bytes)));
        Assert.All(lines, line => Assert.InRange(line.Time, DateTime.UtcNow.AddMinutes(-5), DateTime.UtcNow));
        Assert.Equal([null, "null0", "null0", null], lines.Select(line => line.Path));
        Assert.Equal([null, null, "ok", "ok"], lines.Select(line => line.Status));
    }

    [Fact]
    public async Task Without_points_what_is_rare_is_told_and_nothing_of_every_io()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(2, 1 << 20);
        using ControlConversation trace = await TraceAsync(daemon);
        await ReadAsync(daemon);
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathSetState, Path = "1", State = "non-optimized" });
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.Policy, Policy = "round-robin" });

        TraceLine line = (await NextAsync(trace, 1, "path-state-changed"))[0];
        Assert.Equal(("loop1", "non-optimized", true), (line.Path, line.AccessState, line.Usable));
        line = (await NextAsync(trace, 1, "policy-changed"))[0];
        Assert.Equal(("numa", "round-robin"), (line.OldPolicy, line.Policy));
    }

    [Fact]
    public async Task Nothing_is_attached_any_more_when_the_client_has_gone()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        MpathHooks hooks = daemon.Host.Disk.Head.Hooks;
        using (await TraceAsync(daemon, "bio-submitted"))
        {
            Assert.True(hooks.BioSubmitted.IsAttached);
            Assert.False(hooks.BioEnded.IsAttached);
        }

        await Eventually.TrueAsync(() => !hooks.BioSubmitted.IsAttached, "the point to be free again");
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_up_no_io_and_is_told_how_much_it_has_missed()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        using ControlConversation trace = await TraceAsync(daemon, "bio-submitted");
        byte[] block = new byte[4096];
        const int Ios = 300_000;
        for (int io = 0; io < Ios; io++)
        {
            Assert.Equal(BlockStatus.Ok, await daemon.Host.Disk.ReadAsync(0, block));
        }

        long told = 0;
        long dropped = 0;
        while (told + dropped < Ios)
        {
            TraceLine line = (await NextAsync(trace, 1))[0];
            told += line.Point == "bio-submitted" ? 1 : 0;
            dropped += line.Count ?? 0;
        }

        Assert.Equal(Ios, told + dropped);
        Assert.True(dropped > 0, "Nothing was dropped: the test did not get to what it is for.");
    }

    [Fact]
    public async Task A_trace_ends_with_the_daemon()
    {
        RunningDaemon daemon = await RunningDaemon.OfNull(1);
        using ControlConversation trace = await TraceAsync(daemon);
        await daemon.DisposeAsync();
        Assert.Null(await trace.Channel.ReadLineAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_point_that_there_is_not_is_refused_with_those_there_are()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        MpathdException refused = await daemon.RefusedAsync(new ControlRequest { Verb = ControlVerbs.Trace, Points = ["io"] });
        Assert.Equal(ExitCode.WrongArguments, refused.Code);
        Assert.StartsWith("there is no point 'io'; give all or one of bio-submitted, ", refused.Message);
    }

    [Fact]
    public async Task The_program_shows_so_many_events_and_ends()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        MpathHooks hooks = daemon.Host.Disk.Head.Hooks;
        using MpathdProcess people = MpathdProcess.Start("trace", "--point", "bio-ended", "--count", "2", "--control", daemon.Socket);
        await Eventually.TrueAsync(() => hooks.BioEnded.IsAttached, "the trace to begin", TimeSpan.FromMinutes(2));
        await ReadAsync(daemon);
        await ReadAsync(daemon, sector: 8);
        MpathdProcess.Ended ended = await people.WaitAsync();
        Assert.Equal((0, "mpathd: tracing bio-ended\n"), (ended.Code, ended.Error));
        Assert.Matches(@"^[0-9:.]{15} bio-ended            read 4096 at 0: ok\n[0-9:.]{15} bio-ended            read 4096 at 8: ok\n$", ended.Output);
    }

    [Fact]
    public async Task The_program_prints_lines_of_json_until_it_is_interrupted()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        MpathHooks hooks = daemon.Host.Disk.Head.Hooks;
        using MpathdProcess program = MpathdProcess.Start("trace", "--point", "bio-ended", "--json", "--control", daemon.Socket);
        await Eventually.TrueAsync(() => hooks.BioEnded.IsAttached, "the trace to begin", TimeSpan.FromMinutes(2));
        await ReadAsync(daemon);
        await Eventually.TrueAsync(() => program.OutputLines == 1, "a line");
        program.Signal(MpathdProcess.Interrupt);
        MpathdProcess.Ended ended = await program.WaitAsync();
        Assert.Equal((130, ""), (ended.Code, ended.Error));
        Assert.Matches("""^\{"time":"[^"]+Z","point":"bio-ended","op":"read","sector":0,"bytes":4096,"status":"ok"\}\n$""", ended.Output);
        await Eventually.TrueAsync(() => !hooks.BioEnded.IsAttached, "the point to be free again");
    }

    [Fact]
    public async Task The_program_says_that_the_daemon_has_ended()
    {
        RunningDaemon daemon = await RunningDaemon.OfNull(1);
        MpathHooks hooks = daemon.Host.Disk.Head.Hooks;
        using MpathdProcess program = MpathdProcess.Start("trace", "--control", daemon.Socket);
        await Eventually.TrueAsync(() => hooks.FailedOver.IsAttached, "the trace to begin", TimeSpan.FromMinutes(2));
        await daemon.DisposeAsync();
        MpathdProcess.Ended ended = await program.WaitAsync();
        Assert.Equal((0, ""), (ended.Code, ended.Output));
        Assert.EndsWith("mpathd: the daemon has ended\n", ended.Error);
    }

    [Fact]
    public async Task The_program_ends_when_nobody_reads_any_more_though_nothing_happens()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        string program = Path.Combine(AppContext.BaseDirectory, "mpathd.dll");
        Assert.Equal("130\n", LibMultipath.Ublk.Tests.Scenarios.Kit.Shell.Run($"dotnet {program} trace --json --control {daemon.Socket} | true; echo ${{PIPESTATUS[0]}}"));
    }

    private static Task<ControlConversation> TraceAsync(RunningDaemon daemon, params string[] points) =>
        daemon.Client.BeginAsync(new ControlRequest { Verb = ControlVerbs.Trace, Points = points }, CancellationToken.None);

    private static async Task ReadAsync(RunningDaemon daemon, long sector = 0) =>
        Assert.Equal(BlockStatus.Ok, await daemon.Host.Disk.ReadAsync(sector, new byte[4096]));

    /// <summary>The next lines, or the next of a point.</summary>
    private static async Task<TraceLine[]> NextAsync(ControlConversation trace, int count, string? point = null)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        List<TraceLine> lines = [];
        while (lines.Count < count)
        {
            TraceLine line = ControlJson.ParseTrace((await trace.Channel.ReadLineAsync(limit.Token))!)!;
            if (point is null || line.Point == point)
            {
                lines.Add(line);
            }
        }

        return [.. lines];
    }
}
