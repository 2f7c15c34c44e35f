using System.Net.Sockets;
using System.Text;
using LibMultipath.Block;
using Mpathd.Control;
using Mpathd.Paths;
using Mpathd.Serving;
using Mpathd.Tests.Kit;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Serving;

public sealed class DaemonTests
{
    private static readonly ControlRequest s_stop = new() { Verb = ControlVerbs.Stop };

    [Fact]
    public async Task It_says_once_that_the_device_is_there_and_once_that_it_has_gone()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        Assert.Equal($"/dev/test0 is ready: 1M over 2 paths, policy numa; control socket {daemon.Socket}\n", daemon.Output);
        await daemon.DoAsync(s_stop);
        Assert.Equal(ExitCode.Done, await daemon.EndAsync());
        string[] lines = daemon.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("mpathd: /dev/test0 has gone, stopped: 0 I/Os", lines[1]);
    }

    [Fact]
    public async Task What_clients_type_follows_the_line_that_says_that_it_is_ready()
    {
        await using RunningDaemon daemon = await RunningDaemon.Started(
            _ => new ServeOptions { Paths = [PathSpecParser.Parse("null:size=1M")] }, new DaemonLimits(), host => host.Clients = ["use it", "look at it"], null);
        Assert.EndsWith($"; control socket {daemon.Socket}\n  use it\n  look at it\n", daemon.Output);
    }

    [Fact]
    public async Task Its_options_reach_the_host()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1, options => options with { Queues = 3, QueueDepth = 7, ReadOnly = true, DeviceId = 5 });
        Assert.Same(daemon.Options, daemon.Host.Options);
        Assert.True(daemon.Host.Disk.IsReadOnly);
        Assert.True(daemon.Host.Disk.IsLive);
        ServiceStatus status = await daemon.StatusAsync();
        Assert.Equal((3, 7, true), (status.Device!.Queues, status.Device.QueueDepth, status.ReadOnly));
    }

    [Fact]
    public async Task Stop_is_answered_when_the_device_has_gone()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        using var gate = new ManualResetEventSlim();
        daemon.Host.OnStop = _ => gate.Wait(Eventually.Limit);
        Task<string> stop = daemon.DoAsync(s_stop);
        await Eventually.TrueAsync(() => daemon.Host.Stops == 1, "the stop");
        Assert.Equal("stopping", (await daemon.StatusAsync()).State);
        Assert.False(stop.IsCompleted);
        gate.Set();
        Assert.StartsWith("/dev/test0 has gone, stopped", await stop);
        Assert.Equal(ExitCode.Done, await daemon.EndAsync());
        Assert.True(daemon.Host.IsDisposed);
    }

    [Fact]
    public async Task A_signal_ends_it_cleanly()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        daemon.Interruption.Request();
        Assert.Equal(ExitCode.Interrupted, await daemon.EndAsync());
        Assert.Equal(1, daemon.Host.Stops);
        Assert.Contains("has gone, interrupted", daemon.Output);
        Assert.Empty(daemon.Folder.Files);
    }

    [Fact]
    public async Task It_ends_when_somebody_else_takes_the_device_away()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        daemon.Host.TakeAway();
        Assert.Equal(ExitCode.Done, await daemon.EndAsync());
        Assert.Contains("taken away by somebody else", daemon.Output);
    }

    [Fact]
    public async Task It_fails_when_what_serves_the_device_fails()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        daemon.Host.Break(new InvalidOperationException("no more"));
        Assert.Equal(ExitCode.Failed, await daemon.EndAsync());
        Assert.Contains("has gone, what served it has failed: no more", daemon.Output);
    }

    [Fact]
    public async Task A_device_that_can_be_recovered_stays_when_what_serves_it_fails()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        daemon.Host.IsRecoverable = true;
        daemon.Host.Break(new InvalidOperationException("no more"));
        Assert.Equal(ExitCode.Failed, await daemon.EndAsync());
        Assert.Equal((0, 1), (daemon.Host.Stops, daemon.Host.Leaves));
        Assert.Contains("/dev/test0 waits for the next mpathd serve --ublk 0, what served it has failed: no more", daemon.Output);
    }

    [Fact]
    public async Task A_device_that_does_not_go_is_told()
    {
        var limits = new DaemonLimits { Waiting = TimeSpan.FromMilliseconds(10), Device = TimeSpan.FromMilliseconds(50) };
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1, limits: limits);
        using var gate = new ManualResetEventSlim();
        daemon.Host.OnStop = _ => gate.Wait(Eventually.Limit);
        MpathdException told = await daemon.RefusedAsync(s_stop);
        Assert.Contains("/dev/test0 did not go within", told.Message);
        MpathdException thrown = await Assert.ThrowsAsync<MpathdException>(daemon.EndAsync);
        Assert.Equal(ExitCode.Failed, thrown.Code);
        gate.Set();
    }

    [Fact]
    public async Task What_waits_for_a_path_does_not_keep_the_device()
    {
        var limits = new DaemonLimits { Waiting = TimeSpan.FromMilliseconds(10) };
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1, limits: limits);
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathFail, Path = "0" });
        using var bio = Bio.Rent(BioOp.Read, 0, new byte[4096]);
        Task<BlockStatus> io = daemon.Host.Disk.SubmitAsync(bio).AsTask();

        // Not for good at first: what the failure has set off may still look at it once more, and meanwhile it does not wait.
        await Eventually.TrueAsync(() => StateAsync(daemon).Result == ("waiting", 1), "the I/O to wait");

        // As the block device does: it goes when its I/O has ended.
        daemon.Host.OnStop = limit => Assert.True(io.Wait(limit));
        await daemon.DoAsync(s_stop);
        Assert.NotEqual(BlockStatus.Ok, await io);
    }

    [Fact]
    public async Task A_host_that_cannot_start_leaves_nothing_behind()
    {
        var lacks = MpathdException.SystemLacks("there is no ublk", "load it");
        TemporaryFolder? folder = null;
        MpathdException thrown = await Assert.ThrowsAsync<MpathdException>(() => RunningDaemon.Started(
            made =>
            {
                folder = made;
                return new ServeOptions { Paths = [PathSpecParser.Parse("null:size=1M")] };
            },
            new DaemonLimits(), _ => throw lacks, null));
        Assert.Same(lacks, thrown);
        Assert.Empty(folder!.Files);
        folder.Dispose();
    }

    [Fact]
    public async Task A_second_daemon_does_not_get_the_socket_of_the_first()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        MpathdException refused = Assert.Throws<MpathdException>(() => ControlSocket.Listen(daemon.Socket));
        Assert.Equal(ExitCode.SystemLacks, refused.Code);
        Assert.Contains($"another daemon has the control socket {daemon.Socket}", refused.Message);
        Assert.Equal("live", (await daemon.StatusAsync()).State);
    }

    [Fact]
    public async Task Its_supervisor_is_told_when_it_is_ready_and_when_it_stops()
    {
        string name = $"mpathd-tests-{Guid.NewGuid():N}";
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint('\0' + name));
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1, notify: '@' + name);
        Assert.Equal("READY=1", await ReceiveAsync(socket));
        await daemon.DoAsync(s_stop);
        Assert.Equal("STOPPING=1", await ReceiveAsync(socket));
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        byte[] buffer = new byte[100];
        using var limit = new CancellationTokenSource(Eventually.Limit);
        int read = await socket.ReceiveAsync(buffer, limit.Token);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }

    private static async Task<(string State, int Waiting)> StateAsync(RunningDaemon daemon)
    {
        ServiceStatus status = await daemon.StatusAsync();
        return (status.State, status.Waiting);
    }
}
