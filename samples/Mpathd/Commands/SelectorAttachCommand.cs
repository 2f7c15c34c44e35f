using System.CommandLine;
using Mpathd.Control;
using Mpathd.Runs;

namespace Mpathd.Commands;

/// <summary><c>mpathd selector attach</c>.</summary>
internal sealed class SelectorAttachCommand : ControlCommand
{
    private readonly Argument<string> _name = new("NAME")
    {
        HelpName = "NAME[:KEY=VALUE,…]",
        Description = "The selector, and its parameters: mpathd selector list",
    };

    private readonly Option<bool> _replace = new("--replace") { Description = "Let it take the place of the one that is attached; its counters begin anew" };

    private readonly Option<int?> _maxFaults = CliOptions.Optional<int?>(
        "--max-faults", "N", text => CliOptions.ParseNumber(text, 0, int.MaxValue, 100),
        "After how many faults one after the other it comes off; 0 for never, 100 unless it is given");

    public SelectorAttachCommand(Interruption interruption)
        : base("attach", "Lets a selector choose the path of every I/O, from now on", interruption)
    {
        _name.CompletionSources.Add(context => DaemonCompletion.SelectorsOf(context).Select(selector => selector.Name));
        Add(_name);
        Add(_replace);
        Add(_maxFaults);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd selector attach latency", "with its usual parameters"),
        ("mpathd selector attach stripe:size=1M", "with others"),
        ("mpathd selector attach --replace least-waiting", "instead of the one that is attached"),
    ];

    protected override ControlRequest RequestOf(ParseResult parsed) => new()
    {
        Verb = ControlVerbs.SelectorAttach,
        Selector = new SelectorRequest
        {
            Name = parsed.GetRequiredValue(_name),
            Replace = parsed.GetValue(_replace) ? true : null,
            MaxFaults = parsed.GetValue(_maxFaults),
        },
    };
}
