using System.CommandLine;
using LibMultipath.Selection;
using Mpathd.Control;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd policy</c>.</summary>
internal sealed class PolicyCommand : ControlCommand
{
    private readonly Argument<string> _policy = CliOptions.Argument(
        "NAME", text => CliOptions.ParsePolicy(text).Name, $"How paths are selected: {CliOptions.PolicyNames}");

    public PolicyCommand(Interruption interruption)
        : base("policy", "Changes how the paths of a disk that is served are selected", interruption)
    {
        _policy.CompletionSources.Add([.. IoPolicies.All.Select(policy => policy.Name)]);
        Add(_policy);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd policy round-robin", "the optimized paths in turn"),
        ("mpathd policy queue-depth", "the path with the fewest I/Os in flight"),
    ];

    protected override ControlRequest RequestOf(ParseResult parsed) => new() { Verb = ControlVerbs.Policy, Policy = parsed.GetRequiredValue(_policy) };
}
