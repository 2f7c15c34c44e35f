using Mpathd.Output;
using Mpathd.Serving;
using Spectre.Console;

namespace Mpathd.Tests.Output;

public sealed class StatusViewTests
{
    private static readonly PathStatus s_path = new()
    {
        Number = 3,
        Name = "loop3",
        State = "non-optimized",
        Usable = true,
        InFlight = 7,
        Reads = 1,
        ReadBytes = 512,
        Writes = 2,
        WriteBytes = 1024,
        Others = 3,
        Failovers = 4,
        Retries = 5,
        Errors = 6,
    };

    private static readonly ServiceStatus s_status = new()
    {
        State = "live",
        Device = new DiskHostStatus { BlockPath = "/dev/ublkb9", Id = 9, Queues = 1, QueueDepth = 64, Mode = "copy", Recovery = "reissue", Recovered = true },
        CapacityBytes = 1 << 30,
        LogicalBlockBytes = 4096,
        ReadOnly = true,
        Policy = "numa",
        DelayedRemovalSecs = 0,
        Ios = 12345,
        Bytes = 1 << 20,
        Waiting = 8,
        Requeued = 9,
        Failovers = 10,
        Errors = 1,
        UptimeSecs = 3 * 3600,
        Pid = 4711,
        Version = "0.1.0",
        Paths = [s_path],
    };

    [Fact]
    public void A_table_has_what_a_person_wants_to_know()
    {
        using var output = new StringWriter();
        new TableStatusView(Console(output, AnsiSupport.No)).Show(s_status);
        string[] lines = output.ToString().Split('\n');
        Assert.Equal("/dev/ublkb9: live, 1G in blocks of 4096, policy numa, read-only, up 3 h 0 min, process 4711", lines[0].TrimEnd());
        Assert.Equal("1 queue of 64, copy, recovery reissue, recovered", lines[1].TrimEnd());
        Assert.Contains(lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, "3 . loop3 . non-optimized .+ 7 .+ 6 .+ 4 .+ 6 "));
        Assert.Contains("12,345 I/Os, 1.0 MiB, 8 waiting, 9 waited for a path, 10 failovers, 1 error", lines[^2]);
    }

    [Fact]
    public void A_table_of_paths_to_devices_has_the_devices_and_their_id()
    {
        using var output = new StringWriter();
        PathStatus path = s_path with { Device = "/dev/sdc", DeviceState = "transport-offline", Wwid = "naa.60014053d1e5b1a8" };
        new TableStatusView(Console(output, AnsiSupport.No)).Show(s_status with { Paths = [path, s_path] });
        string[] lines = output.ToString().Split('\n');
        Assert.StartsWith("/dev/ublkb9: live, 1G in blocks of 4096, naa.60014053d1e5b1a8, policy numa", lines[0]);
        Assert.Contains(lines, line => line.Contains("Device", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("/dev/sdc transport-offline", StringComparison.Ordinal));
    }

    [Fact]
    public void A_table_of_an_export_has_its_URI_and_its_connections()
    {
        var nbd = new NbdHostStatus { Uri = "nbd+unix:///?socket=/run/a.sock", Address = "unix:/run/a.sock", Export = "", Connections = 1, MaxConnections = 64, Tls = true };
        Assert.Equal(
            ["nbd+unix:///?socket=/run/a.sock: live, 1G in blocks of 4096, policy numa, read-only, up 3 h 0 min, process 4711", "1 of 64 connections, TLS"],
            Table(s_status with { Device = null, Nbd = nbd })[..2]);
        Assert.Equal("nbd+unix:///?socket=/run/a.sock: 1 of 64 connections, TLS", Table(s_status with { Nbd = nbd })[2]);
    }

    [Fact]
    public void A_tree_reads_like_sysfs()
    {
        using var output = new StringWriter();
        new TreeStatusView(output).Show(s_status with
        {
            Attributes =
            [
                new AttributeStatus { Name = "iopolicy", Value = "queue-depth", Writable = true },
                new AttributeStatus { Name = "diag/io_fail_no_available_path_count", Value = "0", Writable = true },
                new AttributeStatus { Name = "multipath/loop3", Link = "path/3" },
                new AttributeStatus { Name = "path/3/access_state", Value = "non-optimized" },
                new AttributeStatus { Name = "path/3/numa_nodes", Value = "" },
                new AttributeStatus { Name = "path/3/diag/command_error_count", Value = "6", Writable = true },
                new AttributeStatus { Name = "path/3/wwid", Error = "wwid cannot be read: no answer (EIO)" },
                new AttributeStatus { Name = "path/4/access_state", Value = "optimized" },
            ],
        });
        Assert.Equal(
            """
            /dev/ublkb9
            ├── iopolicy: queue-depth
            ├── diag
            │   └── io_fail_no_available_path_count: 0
            ├── multipath
            │   └── loop3 -> ../path/3
            └── path
                ├── 3
                │   ├── access_state: non-optimized
                │   ├── numa_nodes:
                │   ├── diag
                │   │   └── command_error_count: 6
                │   └── wwid: (wwid cannot be read: no answer (EIO))
                └── 4
                    └── access_state: optimized

            """.ReplaceLineEndings("\n"),
            output.ToString());
    }

    [Fact]
    public void A_watch_draws_every_status_and_ends_when_there_is_none()
    {
        using var output = new StringWriter();
        var next = new Queue<ServiceStatus?>([s_status with { Policy = "round-robin" }, s_status with { Policy = "queue-depth" }, null]);
        Assert.Equal(ExitCode.Interrupted, new TableStatusView(Console(output, AnsiSupport.Yes)).Watch(s_status, next.Dequeue));
        Assert.Empty(next);
        Assert.All(["numa", "round-robin", "queue-depth"], policy => Assert.Contains($"policy {policy}", output.ToString()));
    }

    [Fact]
    public void A_watch_that_loses_its_daemon_shows_the_cursor_again()
    {
        using var output = new StringWriter();
        var view = new TableStatusView(Console(output, AnsiSupport.Yes));
        Assert.Throws<MpathdException>(() => view.Watch(s_status, () => throw MpathdException.SystemLacks("gone", "start it")));
        Assert.True(output.ToString().LastIndexOf("\e[?25h", StringComparison.Ordinal) > output.ToString().LastIndexOf("\e[?25l", StringComparison.Ordinal));
    }

    private static string[] Table(ServiceStatus status)
    {
        using var output = new StringWriter();
        new TableStatusView(Console(output, AnsiSupport.No)).Show(status);
        return [.. output.ToString().Split('\n').Select(line => line.TrimEnd())];
    }

    private static IAnsiConsole Console(TextWriter output, AnsiSupport ansi)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = ansi,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 160;
        return console;
    }
}
