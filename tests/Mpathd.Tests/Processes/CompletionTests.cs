using System.Diagnostics;
using Mpathd.Tests.Kit;

namespace Mpathd.Tests.Processes;

[Collection(ProcessCollection.Name)]
public sealed class CompletionTests
{
    [Theory]
    [InlineData("mpathd se", "serve")]
    [InlineData("mpathd path ", "add", "fail", "remove", "restore", "set-state")]
    [InlineData("mpathd serve --rec", "--recoverable")]
    [InlineData("mpathd policy ", "numa", "queue-depth", "round-robin")]
    [InlineData("mpathd path set-state 0 opt", "optimized")]
    [InlineData("mpathd serve --path ", "loop:", "bdev:/dev/", "null:size=1G")]
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

    [Fact]
    public async Task Without_a_daemon_nothing_is_said()
    {
        const string Line = "mpathd path fail --control /no/such/socket ";
        MpathdProcess.Ended ended = await MpathdProcess.Run($"[suggest:{Line.Length}]", Line);
        Assert.Equal((0, ""), (ended.Code, ended.Error));
    }

    [Theory]
    [InlineData("mpathd se", "serve")]
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
