using System.CommandLine;
using Mpathd.Control;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd selector detach</c>.</summary>
internal sealed class SelectorDetachCommand(Interruption interruption)
    : ControlCommand("detach", "Takes the selector off: the policy selects. When it returns, nothing of the selector is called any more", interruption)
{
    public override IReadOnlyList<(string Line, string Does)> Examples => [("mpathd selector detach", "under I/O")];

    protected override ControlRequest RequestOf(ParseResult parsed) => new() { Verb = ControlVerbs.SelectorDetach };
}
