using LibMultipath.Block;
using Mpathd.Control;
using Mpathd.Serving;
using Mpathd.Tests.Kit;

namespace Mpathd.Tests.Serving;

public sealed class DaemonVerbTests
{
    [Fact]
    public async Task A_path_that_is_added_gets_the_next_number_and_numbers_are_never_given_again()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        Assert.Equal("path 2 (null2): added", await daemon.DoAsync(Add("null:size=1M,node=0")));
        Assert.Equal("path 2 (null2): removed", await daemon.DoAsync(On(ControlVerbs.PathRemove, "2")));
        Assert.Equal("path 0 (null0): removed", await daemon.DoAsync(On(ControlVerbs.PathRemove, "null0")));
        Assert.Equal("path 3 (null3): added", await daemon.DoAsync(Add("null:size=1M")));
        Assert.Equal([1, 3], (await daemon.StatusAsync()).Paths.Select(path => path.Number));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("loop0")]
    public async Task A_path_is_failed_and_restored_by_number_and_by_name(string path)
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(2, 1 << 20);
        Assert.Equal("path 0 (loop0): failed", await daemon.DoAsync(On(ControlVerbs.PathFail, path)));
        Assert.Equal(["failed", "optimized"], await StatesAsync(daemon));
        Assert.Equal("path 0 (loop0): restored", await daemon.DoAsync(On(ControlVerbs.PathRestore, path)));
        Assert.Equal(["optimized", "optimized"], await StatesAsync(daemon));
    }

    [Fact]
    public async Task What_is_done_already_is_done_again_without_harm()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(2, 1 << 20);
        await daemon.DoAsync(On(ControlVerbs.PathRestore, "0"));
        await daemon.DoAsync(On(ControlVerbs.PathFail, "0"));
        await daemon.DoAsync(On(ControlVerbs.PathFail, "0"));
        Assert.Equal(["failed", "optimized"], await StatesAsync(daemon));
    }

    [Fact]
    public async Task The_access_state_of_a_path_is_set()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        foreach (string state in new[] { "non-optimized", "inaccessible", "optimized" })
        {
            Assert.Equal($"path 1 (null1): {state}", await daemon.DoAsync(On(ControlVerbs.PathSetState, "1") with { State = state }));
            Assert.Equal(["optimized", state], await StatesAsync(daemon));
        }

        MpathdException refused = await daemon.RefusedAsync(On(ControlVerbs.PathSetState, "1") with { State = "Optimized" });
        Assert.Equal(ExitCode.WrongArguments, refused.Code);
        Assert.Contains("give optimized, non-optimized or inaccessible", refused.Message);
    }

    [Fact]
    public async Task The_policy_is_changed()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.Policy, Policy = "queue-depth" });
        Assert.Equal("queue-depth", (await daemon.StatusAsync()).Policy);
        MpathdException refused = await daemon.RefusedAsync(new ControlRequest { Verb = ControlVerbs.Policy, Policy = "queue-depth\n" });
        Assert.Equal((ExitCode.WrongArguments, "give one of numa, round-robin, queue-depth, service-time, historical-service-time, io-affinity, weighted-round-robin, stripe, latency"), (refused.Code, refused.Remedy));
    }

    [Theory]
    [InlineData("2", "there is no path '2'")]
    [InlineData("null2", "there is no path 'null2'")]
    [InlineData("", "there is no path ''")]
    [InlineData("-1", "there is no path '-1'")]
    [InlineData("99999999999999999999", "there is no path '99999999999999999999'")]
    public async Task A_path_that_is_not_there_is_named_with_those_that_are(string path, string says)
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        MpathdException refused = await daemon.RefusedAsync(On(ControlVerbs.PathFail, path));
        Assert.Equal((ExitCode.WrongArguments, says), (refused.Code, refused.Message));
        Assert.Contains("0 (null0), 1 (null1)", refused.Remedy);
    }

    [Theory]
    [InlineData("loop:/no/such/file", "lead to different data")]
    [InlineData("null:size=2M", "the path has 2M, the disk 1M")]
    [InlineData("null", "is not a path")]
    public async Task A_path_that_does_not_lead_to_the_disk_is_refused(string spec, string says)
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        MpathdException refused = await daemon.RefusedAsync(Add(spec));
        Assert.Equal(ExitCode.WrongArguments, refused.Code);
        Assert.Contains(says, refused.Message);
        Assert.Single((await daemon.StatusAsync()).Paths);
    }

    [Fact]
    public async Task A_path_to_another_file_is_refused_even_when_there_is_no_path()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(1, 1 << 20, options => options with { DelayedRemovalSecs = 600 });
        string other = daemon.Folder.File("other.img", 1 << 20);
        Assert.Equal(ExitCode.WrongArguments, (await daemon.RefusedAsync(Add($"loop:{other}"))).Code);
        await daemon.DoAsync(On(ControlVerbs.PathRemove, "0"));
        Assert.Equal(ExitCode.WrongArguments, (await daemon.RefusedAsync(Add($"loop:{other}"))).Code);
        Assert.Equal(ExitCode.SystemLacks, (await daemon.RefusedAsync(Add("loop:/no/such/file"))).Code);
        Assert.Equal("path 1 (loop1): added", await daemon.DoAsync(Add($"loop:{daemon.Folder.File("disk.img")}")));
        Assert.Equal("live", (await daemon.StatusAsync()).State);
    }

    [Fact]
    public async Task The_last_path_is_not_removed_unless_its_io_may_wait()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        MpathdException refused = await daemon.RefusedAsync(On(ControlVerbs.PathRemove, "0"));
        Assert.Equal(ExitCode.Failed, refused.Code);
        Assert.Contains("the last path, and the disk would go with it", refused.Message);
        Assert.Equal("live", (await daemon.StatusAsync()).State);
    }

    [Fact]
    public async Task Io_waits_for_a_path_that_comes_in_time()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1, options => options with { DelayedRemovalSecs = 600 });
        await daemon.DoAsync(On(ControlVerbs.PathRemove, "0"));
        using var bio = Bio.Rent(BioOp.Read, 0, new byte[4096]);
        Task<BlockStatus> io = daemon.Host.Disk.SubmitAsync(bio).AsTask();
        Assert.Equal("waiting", (await daemon.StatusAsync()).State);
        Assert.False(io.IsCompleted);
        await daemon.DoAsync(Add("null:size=1M"));
        Assert.Equal(BlockStatus.Ok, await io.WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task The_daemon_ends_when_no_path_comes_in_time()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1, options => options with { DelayedRemovalSecs = 1 });
        await daemon.DoAsync(On(ControlVerbs.PathRemove, "0"));
        Assert.Equal(ExitCode.Failed, await daemon.EndAsync());
        Assert.Contains("its last path was removed", daemon.Output);
    }

    [Fact]
    public async Task A_change_that_takes_long_is_told_to_go_on()
    {
        var limits = new DaemonLimits { Control = new ControlLimits { Change = TimeSpan.FromMilliseconds(100) } };
        await using RunningDaemon daemon = await RunningDaemon.Started(
            _ => new ServeOptions { Paths = [.. Enumerable.Repeat(Mpathd.Paths.PathSpecParser.Parse("null:size=1M"), 2)] }, limits, null, null);

        // A disk that is told of a change by a listener who is slow.
        using var gate = new ManualResetEventSlim();
        daemon.Host.Disk.Changed += _ => gate.Wait(Eventually.Limit);
        MpathdException refused = await daemon.RefusedAsync(new ControlRequest { Verb = ControlVerbs.Resize, Size = 2 << 20 });
        Assert.Contains("it goes on", refused.Remedy);
        await Eventually.TrueAsync(() => daemon.StatusAsync().Result.CapacityBytes == 2 << 20, "the new size");
        gate.Set();
        await Eventually.TrueAsync(() => daemon.Client.AskAsync(On(ControlVerbs.PathFail, "0")).ContinueWith(asked => asked.IsCompletedSuccessfully).Result, "the next change");
    }

    [Theory]
    [InlineData(ControlVerbs.PathAdd, "the request has no spec")]
    [InlineData(ControlVerbs.PathFail, "the request has no path")]
    [InlineData(ControlVerbs.Policy, "the request has no policy")]
    [InlineData(ControlVerbs.Resize, "the request has no size")]
    [InlineData(ControlVerbs.Get, "the request has no name")]
    [InlineData(ControlVerbs.Set, "the request has no name")]
    [InlineData("reboot", "there is no verb 'reboot'")]
    [InlineData(null, "there is no verb ''")]
    public async Task A_request_that_lacks_something_is_told_what(string? verb, string says)
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        MpathdException refused = await daemon.RefusedAsync(new ControlRequest { Verb = verb });
        Assert.Equal((ExitCode.WrongArguments, says), (refused.Code, refused.Message));
    }

    private static ControlRequest Add(string spec) => new() { Verb = ControlVerbs.PathAdd, Spec = spec };

    private static ControlRequest On(string verb, string path) => new() { Verb = verb, Path = path };

    private static async Task<IEnumerable<string>> StatesAsync(RunningDaemon daemon) => (await daemon.StatusAsync()).Paths.Select(path => path.State);
}
