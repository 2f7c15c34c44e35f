using System.CommandLine;
using LibMultipath.Selection;
using Mpathd.Control;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd policy</c>.</summary>
internal sealed class PolicyCommand : ControlCommand
{
    // The daemon may know more of them than this program.
    private readonly Argument<string> _policy = new("NAME") { HelpName = "NAME", Description = $"How paths are selected: {CliOptions.PolicyNames}, or one that was loaded" };

    public PolicyCommand(Interruption interruption)
        : base("policy", "Changes how the paths of a disk that is served are selected", interruption)
    {
        _policy.CompletionSources.Add(context => IoPolicies.All.Select(policy => policy.Name)
            .Union(DaemonCompletion.SelectorsOf(context).Select(selector => selector.Name)));
        Add(_policy);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd policy round-robin", "the optimized paths in turn"),
        ("mpathd policy queue-depth", "the path with the fewest I/Os in flight"),
    ];

    protected override ControlRequest RequestOf(ParseResult parsed) => new() { Verb = ControlVerbs.Policy, Policy = parsed.GetRequiredValue(_policy) };
}
