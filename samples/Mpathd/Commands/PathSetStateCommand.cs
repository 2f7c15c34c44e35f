using System.CommandLine;
using Mpathd.Control;
using Mpathd.Paths;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd path set-state</c>.</summary>
internal sealed class PathSetStateCommand : ControlCommand
{
    private readonly Argument<string> _path = PathArgument.Make();

    private readonly Argument<string> _state = CliOptions.Argument(
        "STATE", text => AccessStateText.Format(AccessStateText.Parse(text)), "The access state: optimized, non-optimized or inaccessible");

    public PathSetStateCommand(Interruption interruption)
        : base("set-state", "Sets the access state of a path, as its storage would", interruption)
    {
        _state.CompletionSources.Add("optimized", "non-optimized", "inaccessible");
        Add(_path);
        Add(_state);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd path set-state 1 non-optimized", "I/O goes there only when no optimized path works"),
        ("mpathd path set-state loop1 inaccessible", "no I/O goes there"),
    ];

    protected override ControlRequest RequestOf(ParseResult parsed) => new()
    {
        Verb = ControlVerbs.PathSetState,
        Path = parsed.GetRequiredValue(_path),
        State = parsed.GetRequiredValue(_state),
    };
}
