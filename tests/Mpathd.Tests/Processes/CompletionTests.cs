using System.Diagnostics;
using Mpathd.Tests.Kit;

namespace Mpathd.Tests.Processes;

[Collection(ProcessCollection.Name)]
public sealed class CompletionTests
{
    [Theory]
    [InlineData("mpathd se", "serve")]
    [InlineData("mpathd path ", "add", "fail", "remove", "restore", "set-state")]
    [InlineData("mpathd selector ", "attach", "detach", "list", "load", "unload")]
    [InlineData("mpathd trace --point ", "bio-remapped", "all")]
    [InlineData("mpathd serve --rec", "--recoverable")]
    [InlineData("mpathd policy ", "numa", "queue-depth", "round-robin")]
    [InlineData("mpathd set iopolicy ", "numa", "queue-depth", "round-robin")]
    [InlineData("mpathd status --t", "--tree")]
    [InlineData("mpathd path set-state 0 opt", "optimized")]
    [InlineData("mpathd serve --path ", "loop:", "bdev:/dev/", "nbd:unix:", "nbd:tcp:", "nbd://", "null:size=1G")]
    [InlineData("mpathd serve --nb", "--nbd", "--nbd-name", "--nbd-tls-certificates", "--nbd-tls-verify-clients")]
    [InlineData("mpathd export null:size=1M --nbd-tls", "--nbd-tls-certificates", "--nbd-tls-verify-clients")]
    [InlineData("mpathd export null:size=1M --nbd ", "unix:", "tcp:10809")]
    [InlineData("mpathd demo --driver ", "loop", "nbd")]
    [InlineData("mpathd completion z", "zsh")]
    public async Task What_can_be_typed_is_known(string line, params string[] expected)
    {
        MpathdProcess.Ended ended = await MpathdProcess.Run($"[suggest:{line.Length}]", line);
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        Assert.Subset(ended.Output.Split('\n').ToHashSet(), expected.ToHashSet());
    }

    [Fact]
    public async Task The_names_of_paths_are_the_daemons()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        string line = $"mpathd path fail --control {daemon.Socket} ";
        MpathdProcess.Ended ended = await MpathdProcess.Run($"[suggest:{line.Length}]", line);
        Assert.Subset(ended.Output.Split('\n').ToHashSet(), new HashSet<string> { "null0", "null1" });
    }

    [Theory]
    [InlineData("get", true)]
    [InlineData("set", false)]
    public async Task The_names_of_attributes_are_the_daemons_and_only_what_can_be_set_is_set(string verb, bool readOnlyToo)
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        string line = $"mpathd {verb} --control {daemon.Socket} ";
        string[] names = (await MpathdProcess.Run($"[suggest:{line.Length}]", line)).Output.Split('\n');
        Assert.Subset(names.ToHashSet(), new HashSet<string> { "iopolicy", "delayed_removal_secs", "path/0/diag/multipath_failover_count" });
        Assert.Equal(readOnlyToo, names.Contains("path/0/access_state"));
    }

    [Fact]
    public async Task Without_a_daemon_nothing_is_said()
    {
        const string Line = "mpathd path fail --control /no/such/socket ";
        MpathdProcess.Ended ended = await MpathdProcess.Run($"[suggest:{Line.Length}]", Line);
        Assert.Equal((0, ""), (ended.Code, ended.Error));
    }

    [Theory]
    [InlineData("mpathd ser", "serve")]
    [InlineData("mpathd se", "selector\nserve\nset")]
    [InlineData("mpathd policy r", "round-robin")]
    [InlineData("mpathd ublk f", "features")]
    [InlineData("mpathd serve --path lo", "loop:")]
    [InlineData("mpathd serve --path null:s", "size=1G")]
    public async Task Bash_completes_with_the_script(string line, string expected)
    {
        // The program is a function here; the words are split as bash splits them, at ':' as well.
        string script = $$"""
            mpathd() { dotnet '{{Path.Combine(AppContext.BaseDirectory, "mpathd.dll")}}' "$@"; }
            source <(mpathd completion bash)
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=(mpathd)
            _mpathd
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        using Process bash = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = await bash.StandardOutput.ReadToEndAsync();
        Assert.Equal("", await bash.StandardError.ReadToEndAsync());
        Assert.Equal(expected + "\n", output);
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _mpathd mpathd")]
    [InlineData("zsh", "compdef _mpathd mpathd")]
    [InlineData("fish", "complete -c mpathd -a")]
    public async Task Each_shell_has_a_script(string shell, string says)
    {
        MpathdProcess.Ended ended = await MpathdProcess.Run("completion", shell);
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        Assert.Contains(says, ended.Output);
    }
}
