using LibMultipath.Block;
using Mpathd.Control;
using Mpathd.Serving;
using Mpathd.Tests.Kit;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Serving;

/// <summary>One at a time, because the names of policies are the whole process's.</summary>
[Collection(ProcessCollection.Name)]
public sealed class SelectorVerbTests
{
    [Fact]
    public async Task A_selector_of_an_assembly_is_loaded_attached_watched_taken_off_and_unloaded()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(3);
        Assert.Equal("loaded: configured, evil, last-path, throwing, unmakeable", Sorted(await daemon.DoAsync(Load())));
        KnownSelector known = (await ListAsync(daemon)).Single(each => each.Name == "configured");
        Assert.Equal(("with 9.9.9", "the controller id of the path", Plugins.Selectors), (known.Summary, known.Parameters["path=0"], known.File));
        Assert.Equal("attached: configured:path=1", await daemon.DoAsync(Attach("configured:path=1")));
        await ReadAsync(daemon, 10);
        SelectorStatus status = (await daemon.StatusAsync()).Selector!;
        Assert.Equal(("configured:path=1", true, 10, 0L), (status.Name, status.Attached, status.Chosen, status.BadAnswers));
        Assert.Equal([0L, 10, 0], (await daemon.StatusAsync()).Paths.Select(path => path.Ios));
        Assert.Equal($"the disk selects by configured, of {Plugins.Selectors}", (await daemon.RefusedAsync(Unload())).Message);
        Assert.Equal("detached: configured:path=1", await daemon.DoAsync(Detach));
        Assert.Null((await daemon.StatusAsync()).Selector);
        Assert.StartsWith($"unloaded: {Plugins.Selectors}", await daemon.DoAsync(Unload()));
        Assert.DoesNotContain(await ListAsync(daemon), each => each.File is not null);
    }

    [Fact]
    public async Task A_selector_takes_the_place_of_another_one_only_when_it_is_asked_to()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        await daemon.DoAsync(Attach("latency"));
        MpathdException refused = await daemon.RefusedAsync(Attach("stripe:size=1M"));
        Assert.Equal((ExitCode.Failed, "latency is attached already"), (refused.Code, refused.Message));
        Assert.Equal("attached: stripe:size=1M, in the place of latency", await daemon.DoAsync(Attach("stripe:size=1M", replace: true)));
        Assert.Equal("stripe:size=1M", (await daemon.StatusAsync()).Selector!.Name);
        refused = await daemon.RefusedAsync(Attach("latency", replace: true, maxFaults: 3));
        Assert.Equal(ExitCode.WrongArguments, refused.Code);
        Assert.Equal("attached: latency", await Then(daemon.DoAsync(Detach), () => daemon.DoAsync(Attach("latency", replace: true))));
    }

    [Fact]
    public async Task A_selector_that_makes_faults_comes_off_and_is_shown_with_them_until_it_is_taken_away()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        await daemon.DoAsync(Load());
        await daemon.DoAsync(Attach("throwing", maxFaults: 3));
        await ReadAsync(daemon, 5);
        await Eventually.TrueAsync(() => !daemon.StatusAsync().Result.Selector!.Attached, "the selector to come off");
        SelectorStatus status = (await daemon.StatusAsync()).Selector!;
        Assert.Equal((0, 3), (status.Chosen, status.Exceptions));
        Assert.Equal("detached: throwing, which had come off already", await daemon.DoAsync(Detach));
        Assert.StartsWith($"unloaded: {Plugins.Selectors}", await daemon.DoAsync(Unload()));
    }

    [Fact]
    public async Task An_exception_that_throws_when_it_is_looked_at_harms_nobody()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        await daemon.DoAsync(Load());
        await daemon.DoAsync(Attach("evil", maxFaults: 3));
        await ReadAsync(daemon, 5);
        await Eventually.TrueAsync(() => !daemon.StatusAsync().Result.Selector!.Attached, "the selector to come off");
        Assert.Equal("attached: last-path", await daemon.DoAsync(Attach("last-path")));
        await daemon.DoAsync(Detach);
        string expected = "unmakeable cannot be used: its message cannot be read";
        Assert.Equal(expected, (await daemon.RefusedAsync(Attach("unmakeable"))).Message);
        Assert.Equal(expected, (await daemon.RefusedAsync(new ControlRequest { Verb = ControlVerbs.Policy, Policy = "unmakeable" })).Message);
        Assert.Equal("numa", (await daemon.StatusAsync()).Policy);
        await ReadAsync(daemon, 5);
    }

    [Fact]
    public async Task A_selector_of_an_assembly_is_a_policy_too()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        await daemon.DoAsync(Load());
        Assert.Equal("policy: last-path", await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.Policy, Policy = "last-path" }));
        await ReadAsync(daemon, 4);
        Assert.Equal([0L, 4], (await daemon.StatusAsync()).Paths.Select(path => path.Ios));
        Assert.Equal(ExitCode.Failed, (await daemon.RefusedAsync(Unload())).Code);
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.Set, Name = "iopolicy", Value = "numa" });
        Assert.StartsWith($"unloaded: {Plugins.Selectors}", await daemon.DoAsync(Unload()));
    }

    [Theory]
    [InlineData("fast", "there is no policy 'fast'; give one of numa, ")]
    [InlineData("numa", "'numa' is a policy, and cannot be attached; give one of service-time, ")]
    [InlineData("latency:x=1", "latency has no parameter 'x'; give one of probe")]
    [InlineData("stripe:size=7", "'size=7' is no parameter of stripe; give size=NUMBER, ")]
    [InlineData("", "there is no policy ''")]
    [InlineData("latency\n", "there is no policy 'latency\n'")]
    public async Task What_cannot_be_attached_is_told_with_what_can(string name, string says)
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        MpathdException refused = await daemon.RefusedAsync(Attach(name));
        Assert.StartsWith(says, refused.Message);
        Assert.Equal((ExitCode.WrongArguments, "mpathd selector list shows what there is"), (refused.Code, refused.Remedy));
        Assert.Null((await daemon.StatusAsync()).Selector);
    }

    [Fact]
    public async Task A_request_that_lacks_something_is_told_what()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        Assert.Equal("the request has no selector", (await daemon.RefusedAsync(new ControlRequest { Verb = ControlVerbs.SelectorAttach })).Message);
        Assert.Equal("the request has no selector.name", (await daemon.RefusedAsync(With(ControlVerbs.SelectorAttach, new()))).Message);
        Assert.Equal("the request has no selector.file", (await daemon.RefusedAsync(With(ControlVerbs.SelectorLoad, new()))).Message);
        Assert.Equal("'a.dll' is not the full name of a file", (await daemon.RefusedAsync(With(ControlVerbs.SelectorUnload, new() { File = "a.dll" }))).Message);
        Assert.Equal("-1 is no number of faults", (await daemon.RefusedAsync(Attach("latency", maxFaults: -1))).Message);
        Assert.Equal("no selector is attached", (await daemon.RefusedAsync(Detach)).Message);
    }

    [Fact]
    public async Task The_end_of_the_daemon_takes_the_selector_and_its_assembly_with_it()
    {
        RunningDaemon daemon = await RunningDaemon.OfNull(1);
        await daemon.DoAsync(Load());
        await daemon.DoAsync(Attach("last-path"));
        await daemon.DisposeAsync();
        Assert.False(LibMultipath.Selection.IoPolicies.TryParse("last-path", out _));
    }

    private static ControlRequest Detach => new() { Verb = ControlVerbs.SelectorDetach };

    private static ControlRequest With(string verb, SelectorRequest selector) => new() { Verb = verb, Selector = selector };

    private static ControlRequest Load() => With(ControlVerbs.SelectorLoad, new() { File = Plugins.Selectors });

    private static ControlRequest Unload() => With(ControlVerbs.SelectorUnload, new() { File = Plugins.Selectors });

    private static ControlRequest Attach(string name, bool replace = false, int? maxFaults = null) =>
        With(ControlVerbs.SelectorAttach, new() { Name = name, Replace = replace, MaxFaults = maxFaults });

    private static async Task<IReadOnlyList<KnownSelector>> ListAsync(RunningDaemon daemon) =>
        (await daemon.Client.AskAsync(new ControlRequest { Verb = ControlVerbs.SelectorList })).Selectors!;

    private static async Task ReadAsync(RunningDaemon daemon, int count)
    {
        byte[] block = new byte[4096];
        for (int read = 0; read < count; read++)
        {
            Assert.Equal(BlockStatus.Ok, await daemon.Host.Disk.ReadAsync(0, block));
        }
    }

    private static async Task<string> Then(Task<string> first, Func<Task<string>> second)
    {
        await first;
        return await second();
    }

    private static string Sorted(string loaded) => $"loaded: {string.Join(", ", loaded["loaded: ".Length..].Split(", ").Order())}";
}
