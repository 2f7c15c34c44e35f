using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using LibMultipath.Block;
using LibMultipath.RingBuffer;
using PathMonitor;

var control = new Option<string>("--control") { Description = "The daemon's control socket", DefaultValueFactory = _ => DefaultSocket() };
var interval = new Option<int>("--interval") { Description = "How often each path is measured, in milliseconds: 1 to 3600000", DefaultValueFactory = _ => 100 };
interval.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1 or > 3_600_000)
    {
        result.AddError("--interval must be from 1 to 3600000, such as 100.");
    }
});

var root = new RootCommand("Measures the paths of an mpathd with small reads, and feeds it what it finds, for mpathd policy latency. Ctrl-C ends it.") { control, interval };
root.SetAction(async (parsed, cancellation) =>
{
    try
    {
        await MonitorAsync(parsed.GetRequiredValue(control), TimeSpan.FromMilliseconds(parsed.GetValue(interval)), cancellation);
        return 0;
    }
    catch (OperationCanceledException)
    {
        return 130;
    }
    catch (Exception exception) when (exception is SocketException or BlockException or UserRingException or InvalidOperationException or JsonException or KeyNotFoundException)
    {
        Console.Error.WriteLine($"path-monitor: {exception.Message}; see that mpathd serves and that you may use its control socket: mpathd status");
        return 3;
    }
});
return await root.Parse(args).InvokeAsync();

static string DefaultSocket() => Environment.IsPrivilegedProcess
    ? "/run/mpathd/control.sock"
    : Path.Combine(Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") ?? "/tmp", "mpathd", "control.sock");

static async Task MonitorAsync(string control, TimeSpan interval, CancellationToken cancellation)
{
    using Daemon daemon = Daemon.Feed(control);
    Probe[] probes = [.. Daemon.FindPaths(control).Select(path => new Probe(path.Number, path.File, path.IsDevice))];
    if (probes.Length == 0)
    {
        throw new InvalidOperationException("no path leads to a file or a device that could be measured");
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"path-monitor: measuring {probes.Length} paths every {interval.TotalMilliseconds:0} ms"));
    try
    {
        using var timer = new PeriodicTimer(interval);
        do
        {
            foreach (Probe probe in probes)
            {
                if (await probe.MeasureAsync() is { } latency)
                {
                    daemon.Tell(probe.Path, latency);
                }
            }

            if (daemon.IsGone())
            {
                Console.WriteLine("path-monitor: the daemon has ended");
                return;
            }
        }
        while (await timer.WaitForNextTickAsync(cancellation));
    }
    finally
    {
        foreach (Probe probe in probes)
        {
            probe.Dispose();
        }
    }
}
