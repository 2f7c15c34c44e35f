using System.Text.Json;
using LibMultipath.Ublk.Tests.Scenarios.Kit;
using Mpathd.Tests.Kit;

namespace Mpathd.Tests.Processes;

/// <summary>The verbs, as a user types them, against a daemon in this process.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ServeTests
{
    [Fact]
    public async Task Every_verb_does_what_it_says()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(2, 1 << 20);
        Assert.Equal("path 2 (loop2): added\n", await DoneAsync(daemon, "path", "add", $"loop:{daemon.Folder.File("disk.img")},node=0"));
        Assert.Equal("path 0 (loop0): failed\n", await DoneAsync(daemon, "path", "fail", "0"));
        Assert.Equal("path 0 (loop0): restored\n", await DoneAsync(daemon, "path", "restore", "loop0"));
        Assert.Equal("path 1 (loop1): non-optimized\n", await DoneAsync(daemon, "path", "set-state", "1", "non-optimized"));
        Assert.Equal("path 2 (loop2): removed\n", await DoneAsync(daemon, "path", "remove", "2"));
        Assert.Equal("policy: round-robin\n", await DoneAsync(daemon, "policy", "round-robin"));
        Assert.Equal("size: 2M\n", await DoneAsync(daemon, "resize", "2M"));
        using (var json = JsonDocument.Parse(await DoneAsync(daemon, "status", "--json")))
        {
            JsonElement root = json.RootElement;
            Assert.Equal(("live", 2 << 20, "round-robin"), (root.GetProperty("state").GetString(), root.GetProperty("capacity_bytes").GetInt64(), root.GetProperty("policy").GetString()));
            Assert.Equal(["optimized", "non-optimized"], root.GetProperty("paths").EnumerateArray().Select(path => path.GetProperty("state").GetString()));
            Assert.Equal("/dev/test0", root.GetProperty("device").GetProperty("block_path").GetString());
        }

        string table = await DoneAsync(daemon, "status");
        Assert.Contains("/dev/test0: live, 2M in blocks of 512, policy round-robin", table);
        Assert.Matches(@"1 . loop1 . non-optimized", table);
        Assert.DoesNotContain('\e', table);
        Assert.StartsWith("/dev/test0 has gone, stopped", await DoneAsync(daemon, "stop"));
        Assert.Equal(ExitCode.Done, await daemon.EndAsync());
        MpathdProcess.Ended ended = await RunAsync(daemon, "status");
        Assert.Equal((3, $"mpathd: no daemon listens at {daemon.Socket}; start one with mpathd serve, or name its socket with --control\n"), (ended.Code, ended.Error));
    }

    [Fact]
    public async Task Attributes_are_shown_and_set()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        Assert.Equal("numa\n", await DoneAsync(daemon, "get", "iopolicy"));
        Assert.Equal("", await DoneAsync(daemon, "get", "path/0/queue_depth"));
        Assert.Equal("iopolicy: queue-depth\n", await DoneAsync(daemon, "set", "iopolicy", "queue-depth"));
        Assert.Equal("{\"name\":\"path/0/queue_depth\",\"value\":\"0\",\"writable\":false}\n", await DoneAsync(daemon, "get", "path/0/queue_depth", "--json"));
        string tree = await DoneAsync(daemon, "status", "--tree");
        Assert.StartsWith("/dev/test0\n├── iopolicy: queue-depth\n├── delayed_removal_secs: 0\n├── reconnect_delay: 10\n├── fast_io_fail_tmo: off\n├── ctrl_loss_tmo: off\n├── diag\n│   ├── io_requeue_no_usable_path_count: 0\n", tree);
        Assert.Contains("│   └── null1 -> ../path/1\n└── path\n    ├── 0\n    │   ├── access_state: optimized\n    │   ├── queue_depth: 0\n    │   ├── numa_nodes:\n", tree);
        using (var json = JsonDocument.Parse(await DoneAsync(daemon, "status", "--tree", "--json")))
        {
            JsonElement policy = json.RootElement.GetProperty("attributes")[0];
            Assert.Equal(("iopolicy", "queue-depth", true), (policy.GetProperty("name").GetString(), policy.GetProperty("value").GetString(), policy.GetProperty("writable").GetBoolean()));
        }

        MpathdProcess.Ended ended = await RunAsync(daemon, "set", "iopolicy", "fast");
        Assert.Equal(
            (2, "", "mpathd: iopolicy does not take 'fast': give one of numa, round-robin, queue-depth, service-time, historical-service-time, io-affinity, weighted-round-robin, stripe, latency (EINVAL)\nmpathd: mpathd get iopolicy shows what it is\n"),
            (ended.Code, ended.Output, ended.Error));
        ended = await RunAsync(daemon, "get", "path/0");
        Assert.Equal((2, ""), (ended.Code, ended.Output));
        Assert.StartsWith("mpathd: path/0 is a group; in it there are access_state, queue_depth, numa_nodes, weight, latency_ns, reconnect_delay, fast_io_fail_tmo, ctrl_loss_tmo, diag (EISDIR)\n", ended.Error);
    }

    [Fact]
    public async Task Reservations_of_paths_that_know_none_are_refused_with_what_would()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        MpathdProcess.Ended ended = await RunAsync(daemon, "pr", "register", "--key", "0x11");
        Assert.Equal(
            (1, "", "mpathd: the disk cannot register the key 0x11 in place of 0x0: its paths know no persistent reservations; serve paths of the kind bdev: to a SCSI or NVMe device that does\n"),
            (ended.Code, ended.Output, ended.Error));
        ended = await RunAsync(daemon, "pr", "reserve", "--key", "0x11", "--type", "shared");
        Assert.Equal(2, ended.Code);
        Assert.StartsWith("mpathd: --type: there is no type 'shared'; give one of write-exclusive, exclusive-access, ", ended.Error);
        ended = await RunAsync(daemon, "pr", "clear", "--key", "0x11x");
        Assert.Equal(2, ended.Code);
        Assert.StartsWith("mpathd: --key: '0x11x' is not a key; give a number of up to 64 bits, such as 0x123abc", ended.Error);
        ended = await RunAsync(daemon, "pr", "steal");
        Assert.Equal(2, ended.Code);
        Assert.StartsWith("mpathd: there is no pr verb 'steal'; give one of register, reserve, release, preempt, clear, read-keys, read-reservation\n", ended.Error);
    }

    [Fact]
    public async Task A_terminal_that_tells_no_width_gets_the_whole_table()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(1, 1 << 20);
        MpathdProcess.Ended ended = await MpathdProcess.RunOn("linux", "status", "--control", daemon.Socket);
        Assert.Equal(0, ended.Code);
        Assert.Contains("/dev/test0: live, 1M in blocks of 512", ended.Output);
        Assert.Matches(@"0 . loop0 . optimized", ended.Output);
    }

    [Fact]
    public async Task The_name_of_a_file_is_the_users_wherever_the_daemon_is()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(1, 1 << 20);
        MpathdProcess.Ended ended = await MpathdProcess.RunFrom(daemon.Folder.Path, "path", "add", "loop:disk.img", "--control", "control.sock");
        Assert.Equal((0, "path 1 (loop1): added\n"), (ended.Code, ended.Output));
    }

    [Fact]
    public async Task What_the_daemon_refuses_has_its_exit_code_and_its_remedy()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        MpathdProcess.Ended ended = await RunAsync(daemon, "path", "fail", "7");
        Assert.Equal((2, "mpathd: there is no path '7'\nmpathd: give the number or the name of one: 0 (null0)\n"), (ended.Code, ended.Error));
        ended = await RunAsync(daemon, "path", "remove", "0");
        Assert.Equal(1, ended.Code);
        Assert.StartsWith("mpathd: null0 is the last path, and the disk would go with it; add another path first", ended.Error);
    }

    [Fact]
    public async Task A_watch_goes_on_until_it_is_interrupted_or_the_daemon_has_gone()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        using (var process = MpathdProcess.Start("status", "--json", "--watch", "--control", daemon.Socket))
        {
            await Eventually.TrueAsync(() => process.OutputLines >= 2, "two lines");
            process.Signal(MpathdProcess.Interrupt);
            MpathdProcess.Ended ended = await process.WaitAsync();
            Assert.Equal((130, ""), (ended.Code, ended.Error));
            Assert.All(ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => JsonDocument.Parse(line).Dispose());
        }

        using (var process = MpathdProcess.Start("status", "--watch", "--control", daemon.Socket))
        {
            await Eventually.TrueAsync(() => process.OutputLines >= 2, "two lines");
            await DoneAsync(daemon, "stop");
            MpathdProcess.Ended ended = await process.WaitAsync();
            Assert.NotEqual(0, ended.Code);
            Assert.StartsWith($"/dev/test0: live, 1M, 0 IOPS, 2 of 2 paths usable, numa", ended.Output);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("--json")]
    public async Task A_watch_ends_when_nobody_reads_any_more(string more)
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        string program = Path.Combine(AppContext.BaseDirectory, "mpathd.dll");
        string output = Shell.Run($"dotnet {program} status --watch {more} --control {daemon.Socket} | head -n 1; echo ${{PIPESTATUS[0]}}");
        Assert.EndsWith("\n130\n", output);
    }

    [Theory]
    [InlineData("give one of add, remove, fail, restore, set-state", "path")]
    [InlineData("there is no path verb 'frob'", "path", "frob")]
    [InlineData("mpathd path add --help", "path", "add")]
    [InlineData("'disk' is not a path", "path", "add", "disk")]
    [InlineData("there is no state 'best'; give optimized, non-optimized or inaccessible", "path", "set-state", "0", "best")]
    [InlineData("--policy: there is no policy 'num'; give one of numa, round-robin, queue-depth", "serve", "--path", "null:size=1M", "--policy", "num")]
    [InlineData("FILE: '' is not the name of a file; give one such as ", "selector", "load", "")]
    [InlineData("--point: there is no point 'io'; give all or one of bio-submitted, ", "trace", "--point", "io")]
    [InlineData("mpathd get --help", "get")]
    [InlineData("mpathd set --help", "set", "iopolicy")]
    [InlineData("'big' is not a size", "resize", "big")]
    [InlineData("at most 107 bytes", "status", "--control", "/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890")]
    [InlineData("'--path' is required", "serve")]
    [InlineData("there is no recovery 'no'; give reissue, queue or fail-io", "serve", "--path", "null:size=1M", "--recoverable=no")]
    [InlineData("--ublk: 'x' is out of range", "serve", "--path", "null:size=1M", "--ublk", "x")]
    [InlineData("'0' is out of range; give a whole number from 1 to 4096, such as 128", "serve", "--path", "null:size=1M", "--depth", "0")]
    [InlineData("exclude each other", "serve", "--path", "null:size=1M", "--batch", "--user-copy")]
    [InlineData("give paths of one kind", "serve", "--path", "null:size=1M", "--path", "loop:f")]
    [InlineData("different sizes, 1M and 2M", "serve", "--path", "null:size=1M", "--path", "null:size=2M")]
    [InlineData("give one of features, list, info, stop, delete", "ublk")]
    [InlineData("ID: 'x' is out of range", "ublk", "info", "x")]
    [InlineData("there is no completion for 'csh'; give bash, zsh or fish", "completion", "csh")]
    public async Task Wrong_arguments_are_named_with_what_to_give(string says, params string[] arguments)
    {
        MpathdProcess.Ended ended = await MpathdProcess.Run(arguments);
        Assert.Equal((2, ""), (ended.Code, ended.Output));
        Assert.Contains(says, ended.Error);
    }

    [Theory]
    [InlineData("mpathd serve --path", "serve", "--help")]
    [InlineData("mpathd path set-state 1", "path", "set-state", "--help")]
    [InlineData("mpathd get path/0/access_state", "get", "--help")]
    [InlineData("mpathd set iopolicy queue-depth", "set", "--help")]
    [InlineData("mpathd status --tree", "status", "--help")]
    [InlineData("mpathd ublk delete 7", "ublk", "--help")]
    [InlineData("mpathd stop", "stop", "--help")]
    public async Task Every_verb_has_help_with_examples(string example, params string[] arguments)
    {
        MpathdProcess.Ended ended = await MpathdProcess.Run(arguments);
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        Assert.Contains(example, ended.Output);
        Assert.Contains("130  interrupted, after a clean end", ended.Output);
    }

    [Theory]
    [InlineData("ublk", "features")]
    [InlineData("ublk", "list", "--json")]
    [InlineData("ublk", "info", "1048575")]
    [InlineData("ublk", "delete", "1048575")]
    [InlineData("serve", "--path", "null:size=1M", "--ublk", "1048575", "--path", "loop:/no/such/file")]
    [InlineData("serve", "--path", "loop:/no/such/file")]
    public async Task What_the_machine_lacks_is_told_in_one_line(params string[] arguments)
    {
        MpathdProcess.Ended ended = await MpathdProcess.Run(arguments);
        if (ended.Code == 0)
        {
            // This machine has ublk, and these verbs need nothing else.
            Assert.Contains(arguments[1], (string[])["features", "list"]);
            return;
        }

        Assert.Contains(ended.Code, (int[])[2, 3]);
        Assert.Matches(ended.Code == 3 ? @"^mpathd: [^\n]+; [^\n]+\n$" : "give paths of one kind", ended.Error);
        Assert.Empty(ended.Output);
    }

    [Fact]
    public async Task It_serves_until_it_is_interrupted_or_tells_in_one_line_why_it_cannot()
    {
        using var folder = new TemporaryFolder();
        using var process = MpathdProcess.Start("serve", "--path", "null:size=1M", "--control", folder.File("control.sock"));
        await Eventually.TrueAsync(() => process.HasExited || process.OutputLines is 1 or 3, "the device, an export with what clients type, or why there is none");
        if (!process.HasExited)
        {
            process.Signal(MpathdProcess.Interrupt);
        }

        MpathdProcess.Ended ended = await process.WaitAsync();
        if (ended.Code == 3)
        {
            Assert.Matches(@"^mpathd: [^\n]+; [^\n]+\n$", ended.Error);
            Assert.Empty(ended.Output);
        }
        else
        {
            Assert.Equal(130, ended.Code);
            Assert.Matches(@"^(/dev/ublkb\d+|nbd\+unix:///\?socket=[^ ]+/control\.nbd) is ready: 1M over 1 path, policy numa; control socket [^\n]+\n(  [^\n]+\n){0,2}mpathd: [^ ]+ has gone, interrupted: [^\n]+\n$", ended.Output);
        }

        Assert.Empty(folder.Files);
    }

    private static async Task<string> DoneAsync(RunningDaemon daemon, params string[] arguments)
    {
        MpathdProcess.Ended ended = await RunAsync(daemon, arguments);
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        return ended.Output;
    }

    private static Task<MpathdProcess.Ended> RunAsync(RunningDaemon daemon, params string[] arguments) =>
        MpathdProcess.Run([.. arguments, "--control", daemon.Socket]);
}
