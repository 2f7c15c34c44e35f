using System.Text.RegularExpressions;
using LibMultipath.Tests.Project;
using Mpathd.Control;
using Mpathd.Tests.Kit;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Serving;

/// <summary>What docs/operations.md has is what there is.</summary>
[Collection(ProcessCollection.Name)]
public sealed partial class OperationsTests
{
    private static readonly string s_text = File.ReadAllText(Repository.PathOf("docs", "operations.md"));

    [Fact]
    public async Task Every_command_is_in_it()
    {
        MpathdProcess.Ended help = await MpathdProcess.Run("--help");
        string[] commands = [.. CommandLines().Matches(help.Output[help.Output.IndexOf("Commands:", StringComparison.Ordinal)..]).Select(match => match.Groups[1].Value)];
        Assert.Contains("serve", commands);
        Assert.All(commands, command => Assert.Matches($@"`(mpathd )?{command}[ `|]", s_text));
    }

    [Fact]
    public void Every_verb_of_the_socket_is_in_it() => Assert.All(ControlVerbs.All, verb => Assert.Contains($"`{verb}`", s_text, StringComparison.Ordinal));

    [Fact]
    public async Task Every_attribute_is_in_it()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        ControlAnswer answer = await daemon.Client.AskAsync(new ControlRequest { Verb = ControlVerbs.Status, Tree = true });
        string[] names = [.. answer.Status!.Attributes!.Select(attribute => PathNumbers().Replace(attribute.Name, "path/N").Replace("multipath/null0", "multipath/NAME", StringComparison.Ordinal))
            .Where(name => !name.StartsWith("multipath/null", StringComparison.Ordinal)).Distinct()];
        Assert.Contains("path/N/access_state", names);
        Assert.All(names, name => Assert.Contains($"| `{name}` |", s_text, StringComparison.Ordinal));
    }

    [GeneratedRegex("^  ([a-z]+)", RegexOptions.Multiline)]
    private static partial Regex CommandLines();

    [GeneratedRegex("^path/[0-9]+")]
    private static partial Regex PathNumbers();
}
