using System.CommandLine;
using LibMultipath.Selection;
using Mpathd.Control;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd set</c>.</summary>
internal sealed class SetCommand : ControlCommand
{
    private readonly Argument<string> _name = AttributeArgument.Make(
        "The attribute: iopolicy, delayed_removal_secs, or a count in diag or path/N/diag", writable: true);

    private readonly Argument<string> _value = new("VALUE")
    {
        HelpName = "VALUE",
        Description = "What it is set to: the name of a policy; a number, decimal, or with 0x or 0 before it; 0 resets a count",
    };

    public SetCommand(Interruption interruption)
        : base("set", "Sets an attribute of a disk that is served", interruption)
    {
        _value.CompletionSources.Add(context =>
            context.ParseResult.GetResult(_name)?.Tokens is [{ Value: "iopolicy" }] ? IoPolicies.All.Select(policy => policy.Name)
            .Union(DaemonCompletion.SelectorsOf(context).Select(selector => selector.Name)) : []);
        Add(_name);
        Add(_value);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd set iopolicy queue-depth", "selects the path with the fewest I/Os in flight"),
        ("mpathd set delayed_removal_secs 30", "lets the disk and its I/O wait when the last path is removed"),
        ("mpathd set path/0/diag/multipath_failover_count 0", "counts the failovers of a path anew"),
    ];

    protected override ControlRequest RequestOf(ParseResult parsed) => new()
    {
        Verb = ControlVerbs.Set,
        Name = parsed.GetRequiredValue(_name),
        Value = parsed.GetRequiredValue(_value),
    };
}
