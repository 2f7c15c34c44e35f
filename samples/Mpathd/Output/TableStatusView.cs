using System.Globalization;
using Mpathd.Paths;
using Mpathd.Serving;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Mpathd.Output;

/// <summary>A table of the paths, below what there is to say of the disk.</summary>
internal sealed class TableStatusView(IAnsiConsole console) : IStatusView
{
    private readonly RateMeter _rates = new();

    public void Show(ServiceStatus status) => console.Write(Draw(status, watched: false));

    public ExitCode Watch(ServiceStatus first, Func<ServiceStatus?> next)
    {
        console.Live(Draw(first, watched: true)).Overflow(VerticalOverflow.Ellipsis).Start(live =>
        {
            // What is live is drawn when it changes.
            live.Refresh();
            while (next() is { } status)
            {
                live.UpdateTarget(Draw(status, watched: true));
            }
        });
        return ExitCode.Interrupted;
    }

    private Rows Draw(ServiceStatus status, bool watched)
    {
        _rates.BeginLook();
        IEnumerable<string> hosts = new[] { Device(status.Device), Nbd(status) }.OfType<string>();
        return new Rows([new Text(Disk(status)), .. hosts.Select(line => new Text(line)), Paths(status, watched), new Text(Totals(status, watched))]);
    }

    private Table Paths(ServiceStatus status, bool watched)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumn(Right("#")).AddColumn("Path").AddColumn("State");
        bool hasDevices = status.Paths.Any(path => path.Device is not null);
        if (hasDevices)
        {
            table.AddColumn("Device");
        }

        table.AddColumn(Right("In flight")).AddColumn(Right(watched ? "IOPS" : "I/Os")).AddColumn(Right("Failovers")).AddColumn(Right("Errors"));
        foreach (PathStatus path in status.Paths)
        {
            double rate = _rates.RateOf(path.Name, path.Ios);
            Text[] device = hasDevices ? [new Text($"{path.Device} {path.DeviceState}")] : [];
            table.AddRow(
            [
                Number(path.Number),
                new Text(path.Name),
                new Text(path.State, new Style(ColourOf(path.State))),
                .. device,
                Number(path.InFlight),
                Number(watched ? rate : path.Ios),
                Number(path.Failovers),
                Number(path.Errors),
            ]);
        }

        return table;
    }

    private string Totals(ServiceStatus status, bool watched)
    {
        double rate = _rates.RateOf("", status.Ios);
        return Line($"{(watched ? $"{rate:N0} IOPS, " : "")}{Count.Of(status.Ios, "I/O")}, {SizeText.Approximate(status.Bytes)}, {status.Waiting} waiting, {status.Requeued:N0} waited for a path, {Count.Of(status.Failovers, "failover")}, {Count.Of(status.Errors, "error")}");
    }

    private static string Disk(ServiceStatus status) => Line(
        $"{status.Name}: {status.State}, {SizeText.Format(status.CapacityBytes)} in blocks of {status.LogicalBlockBytes}{(status.Paths.FirstOrDefault(path => path.Wwid is not null) is { } known ? $", {known.Wwid}" : "")}, policy {status.Policy}{Selector(status.Selector)}{(status.ReadOnly ? ", read-only" : "")}, up {Duration(TimeSpan.FromSeconds(status.UptimeSecs))}, process {status.Pid}");

    private static string Selector(SelectorStatus? selector) => selector is null ? "" : Line(
        $", selector {selector.Name}{(selector.Attached ? "" : " (came off)")}: {selector.Chosen:N0} chosen, {Count.Of(selector.Exceptions + selector.BadAnswers + selector.Unusable + selector.OverBudget, "fault")}");

    private static string? Device(DiskHostStatus? device) => device is null ? null : Line(
        $"{Count.Of(device.Queues, "queue")} of {device.QueueDepth}, {device.Mode}, recovery {device.Recovery}{(device.Recovered ? ", recovered" : "")}");

    private static string? Nbd(ServiceStatus status) => status.Nbd is not { } nbd ? null : Line(
        $"{(status.Device is null ? "" : $"{nbd.Uri}: ")}{nbd.Connections} of {Count.Of(nbd.MaxConnections, "connection")}{(nbd.Tls ? ", TLS" : "")}");

    private static string Duration(TimeSpan time) =>
        time.TotalDays >= 1 ? Line($"{time.Days} d {time.Hours} h")
        : time.TotalHours >= 1 ? Line($"{time.Hours} h {time.Minutes} min")
        : time.TotalMinutes >= 1 ? Line($"{time.Minutes} min {time.Seconds} s")
        : Line($"{time.TotalSeconds:0} s");

    private static Color ColourOf(string state) => state switch
    {
        "optimized" => Color.Green,
        "non-optimized" => Color.Yellow,
        _ => Color.Red,
    };

    private static TableColumn Right(string name) => new TableColumn(name).RightAligned();

    private static IRenderable Number(double number) => new Text(Line($"{number:N0}"));

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
