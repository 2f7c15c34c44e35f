using System.CommandLine;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd selector</c>: what selects the paths of a disk that is served, instead of its policy.</summary>
internal sealed class SelectorCommand : Command, IHasExamples
{
    public SelectorCommand(Interruption interruption)
        : base("selector", "Selectors of a disk that is served: instead of its policy, which decides what they get wrong")
    {
        Add(new SelectorListCommand(interruption));
        Add(new SelectorAttachCommand(interruption));
        Add(new SelectorDetachCommand(interruption));
        Add(SelectorFileCommand.Load(interruption));
        Add(SelectorFileCommand.Unload(interruption));
    }

    public IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd selector list", "what there is"),
        ("mpathd selector load bin/Release/net10.0/MySelectors.dll", "makes selectors of your own known"),
        ("mpathd selector attach least-waiting", "lets one select, under I/O"),
        ("mpathd status", "what it has chosen, and got wrong"),
        ("mpathd selector detach", "lets the policy select again"),
    ];
}
