using System.CommandLine;
using Mpathd.Control;
using Mpathd.Output;
using Mpathd.Runs;
using Mpathd.Serving;

namespace Mpathd.Commands;

/// <summary><c>mpathd status</c>.</summary>
internal sealed class StatusCommand : ControlCommand
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Option<bool> _json = CliOptions.JsonLine();
    private readonly Option<bool> _watch = new("--watch") { Description = "Go on, once a second, until it is interrupted, nobody reads any more, or the daemon ends" };
    private readonly Option<bool> _tree = new("--tree") { Description = "Show its attributes, as sysfs would: mpathd get and set take their names" };
    private readonly Interruption _interruption;

    public StatusCommand(Interruption interruption)
        : base("status", "Shows a disk that is served, and its paths", interruption)
    {
        _interruption = interruption;
        Add(_json);
        Add(_tree);
        Add(_watch);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd status", "the disk and its paths, now"),
        ("mpathd status --watch", "a table that is drawn anew every second"),
        ("mpathd status --tree", "all attributes of the disk and its paths"),
        ("mpathd status --json --watch", "a line of JSON every second, for a script"),
    ];

    protected override ControlRequest RequestOf(ParseResult parsed) => new() { Verb = ControlVerbs.Status, Tree = parsed.GetValue(_tree) ? true : null };

    protected override ExitCode Run(ParseResult parsed)
    {
        ControlClient client = ClientOf(parsed);
        ServiceStatus? Next() => Ask(client, RequestOf(parsed))?.Status;

        IStatusView view = StatusViews.For(parsed.GetValue(_json), parsed.GetValue(_tree), parsed.GetValue(_watch));
        if (Next() is not { } status)
        {
            return ExitCode.Interrupted;
        }

        if (!parsed.GetValue(_watch))
        {
            view.Show(status);
            return ExitCode.Done;
        }

        return view.Watch(status, () => _interruption.Wait(s_interval) || !CheckedOutput.HasReader ? null : Next());
    }
}
