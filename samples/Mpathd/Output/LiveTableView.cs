using System.Globalization;
using Mpathd.Paths;
using Mpathd.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Mpathd.Output;

/// <summary>Shows a table that is drawn anew a few times a second: the paths, and the run as a whole.</summary>
internal sealed class LiveTableView : IRunView
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    private readonly IAnsiConsole _console;
    private readonly RateMeter _rates = new();

    public LiveTableView(IAnsiConsole console) => _console = console;

    public void Show(MultipathRun run, WaitHandle done) => _console
        .Live(Draw(run.Snapshot()))
        .Overflow(VerticalOverflow.Ellipsis)
        .Start(live =>
        {
            bool over;
            do
            {
                over = done.WaitOne(s_interval);
                live.UpdateTarget(Draw(run.Snapshot()));
            }
            while (!over);
        });

    private Rows Draw(RunSnapshot now)
    {
        if (now.Phase != RunPhase.Done)
        {
            _rates.BeginLook();
        }

        return new Rows(Paths(now), new Markup(Progress(now)), new Markup(Totals(now)));
    }

    private Table Paths(RunSnapshot now)
    {
        Table table = new Table()
            .Border(TableBorder.Rounded)
            .AddColumn("Path")
            .AddColumn(new TableColumn("State").Width(13))
            .AddColumn(new TableColumn("In flight").RightAligned().Width(9))
            .AddColumn(new TableColumn("IOPS").RightAligned().Width(9))
            .AddColumn(new TableColumn("Failovers").RightAligned().Width(9));
        foreach (PathSnapshot path in now.Paths)
        {
            table.AddRow(
                Cell(path.Name),
                new Markup($"[{ColourOf(path.State)}]{path.State}[/]"),
                Number(path.InFlight),
                now.Phase == RunPhase.Done ? Cell("") : Number(_rates.RateOf(path.Name, path.Ios)),
                Number(path.Failovers));
        }

        return table;
    }

    private static string Progress(RunSnapshot now) => now.Phase switch
    {
        RunPhase.Starting => "starting",
        RunPhase.Working => Text($"{now.Elapsed.TotalSeconds:0} s of {now.Duration.TotalSeconds:0}, policy {now.Policy}, seed {now.Seed}"),
        RunPhase.Draining => "waiting for the I/O under way",
        RunPhase.ReadingBack => $"reading back: {SizeText.Approximate(now.ReadBack)} of {SizeText.Approximate(now.ReadBackTotal)}",
        _ => "done",
    };

    private string Totals(RunSnapshot now)
    {
        string wrong = now.Errors + now.Miscompares == 0 ? "green" : "red";
        return Text($"{Rate(now),9:N0} IOPS, {now.Waiting} waiting, {now.Failovers:N0} failovers, {now.Faults.TotalLosses} total losses, {now.Faults.PathsAdded} added, {now.Faults.PathsRemoved} removed, ")
            + Text($"[{wrong}]{now.Errors} errors, {now.Miscompares} miscompares[/]");
    }

    // In the end, what it was all in all.
    private double Rate(RunSnapshot now) =>
        now.Phase != RunPhase.Done ? _rates.RateOf("all", now.Ios) : now.Elapsed > TimeSpan.Zero ? now.Ios / now.Elapsed.TotalSeconds : 0;

    private static string ColourOf(string state) => state switch
    {
        "optimized" => "green",
        "non-optimized" => "yellow",
        _ => "red",
    };

    private static IRenderable Cell(string text) => new Text(text);

    private static IRenderable Number(double number) => new Text(Text($"{number:N0}"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
