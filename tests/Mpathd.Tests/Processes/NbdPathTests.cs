using LibMultipath.Nbd.Tests.Kit.Tools;
using Mpathd.Control;
using Mpathd.Serving;
using Mpathd.Tests.Kit;

namespace Mpathd.Tests.Processes;

/// <summary>A disk whose paths are NBD servers, which come and go.</summary>
[Collection(ProcessCollection.Name)]
public sealed class NbdPathTests : IDisposable
{
    private const int Size = 4 << 20;

    private readonly TempFolder _folder = new();
    private readonly string _file;

    public NbdPathTests() => _file = _folder.File("disk.img", Size, new Random(1));

    public void Dispose() => _folder.Dispose();

    [ToolFact("nbdkit", "nbdcopy", "qemu-io")]
    public async Task A_disk_survives_the_loss_of_each_server_and_finds_it_again()
    {
        using NbdkitServer first = Server("a");
        using NbdkitServer second = Server("b");
        using NbdDaemon daemon = await NbdDaemon.StartAsync(_folder, "--path", PathTo(first), "--path", PathTo(second), "--policy", "round-robin");
        PathStatus path = (await daemon.StatusAsync()).Paths[0];
        Assert.Equal(("nbd0", $"nbd+unix:///?socket={first.Socket}", "connected"), (path.Name, path.Device, path.DeviceState));
        int pattern = 0;
        foreach (NbdkitServer server in (NbdkitServer[])[first, second])
        {
            server.Kill();
            pattern++;
            Tool.Run("qemu-io", "-f", "raw", "-c", $"write -P {pattern} 0 1M", "-c", $"read -P {pattern} 0 1M", daemon.Uri).Succeeded();
            server.Start();
            await daemon.StatesAsync("optimized, optimized");
        }

        Tool.Run("nbdcopy", daemon.Uri, _folder["copy.img"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(_file), File.ReadAllBytes(_folder["copy.img"]));
        ServiceStatus status = await daemon.StatusAsync();
        Assert.Equal(0, status.Errors);
        Assert.Equal(0, (await daemon.StopAsync()).Code);
    }

    [ToolFact("nbdkit")]
    public async Task A_server_that_is_not_there_at_the_start_joins_when_it_is()
    {
        using NbdkitServer late = Server("late");
        late.Kill();
        using NbdkitServer there = Server("there");
        using NbdDaemon daemon = await NbdDaemon.StartAsync(_folder, "--path", PathTo(late), "--path", PathTo(there));
        Assert.Equal("optimized, connecting", await daemon.StatesAsync());
        Assert.StartsWith("connecting", (await daemon.StatusAsync()).Paths[1].DeviceState);
        late.Start();
        await daemon.StatesAsync("optimized, optimized");
        Assert.Matches(@"nobody listens there[^\n]*; the disk is served without path 1, which joins when its server is there\n", (await daemon.StopAsync()).Error);
    }

    [ToolTheory("nbdkit")]
    [InlineData("serve", "--nbd", "tcp:0")]
    [InlineData("io", "--rw", "randread")]
    public async Task Without_any_server_it_does_not_start_and_says_how_to_start_one(params string[] verb)
    {
        MpathdProcess.Ended ended = await MpathdProcess.RunFrom(_folder.Name, [.. verb, "--path", "nbd:unix:none.sock", "--path", "nbd:tcp:127.0.0.1:1"]);
        Assert.Equal((3, ""), (ended.Code, ended.Output));
        Assert.Matches(@"^mpathd: [^\n]*none\.sock[^\n]*; start the server, such as with nbdkit [^\n]+\n$", ended.Error);
    }

    [ToolTheory("nbdkit")]
    [InlineData("serve", "--nbd", "tcp:0")]
    [InlineData("io", "--rw", "randread")]
    public async Task Servers_of_different_sizes_are_refused_with_both(params string[] verb)
    {
        using NbdkitServer large = Server("a");
        using NbdkitServer small = NbdkitServer.Memory(_folder, "small", "1M");
        MpathdProcess.Ended ended = await MpathdProcess.Run([.. verb, "--path", PathTo(large), "--path", PathTo(small)]);
        Assert.Equal((2, ""), (ended.Code, ended.Output));
        Assert.Contains($"mpathd: nbd+unix:///?socket={small.Socket} has 1M, the disk 4M\n", ended.Error);
    }

    [ToolFact("nbdkit")]
    public async Task A_path_is_added_failed_restored_and_removed()
    {
        using NbdkitServer first = Server("a");
        using NbdkitServer second = Server("b");
        using NbdkitServer small = NbdkitServer.Memory(_folder, "small", "1M");
        using NbdDaemon daemon = await NbdDaemon.StartAsync(_folder, "--path", PathTo(first));
        Assert.Equal((0, "path 1 (nbd1): added\n"), await VerbAsync("path", "add", $"nbd:unix:{second.Socket},state=non-optimized"));
        Assert.Equal("optimized, non-optimized", await daemon.StatesAsync());
        Assert.Equal((0, "path 0 (nbd0): failed\n"), await VerbAsync("path", "fail", "0"));
        Assert.Equal("failed, non-optimized", await daemon.StatesAsync());
        first.Kill();
        (int code, string said) = await VerbAsync("path", "restore", "0");
        Assert.Equal(3, code);
        Assert.Contains("start the server", said);
        first.Start();
        Assert.Equal((0, "path 0 (nbd0): restored\n"), await VerbAsync("path", "restore", "0"));
        (code, said) = await VerbAsync("path", "add", PathTo(small));
        Assert.Equal(2, code);
        Assert.Contains("has 1M, the disk 4M", said);
        Assert.Equal((0, "path 1 (nbd1): removed\n"), await VerbAsync("path", "remove", "1"));
        (code, said) = await VerbAsync("resize", "8M");
        Assert.Equal(1, code);
        Assert.Contains("NBD has no way to change it", said);
        Assert.Equal("optimized", await daemon.StatesAsync());
    }

    [ToolFact("nbdkit", "qemu-io")]
    public async Task When_all_servers_are_gone_for_the_delay_io_fails_and_works_again_when_one_is_back()
    {
        using NbdkitServer server = Server("a");
        using NbdDaemon daemon = await NbdDaemon.StartAsync(_folder, "--path", $"{PathTo(server)},reconnect=100ms", "--delayed-removal", "1");
        server.Kill();
        string[] read = ["-f", "raw", "-c", "read 0 4k", daemon.Uri];
        Assert.Contains("read failed", Tool.Run("qemu-io", read).Failed());
        Assert.Equal("waiting", (await daemon.StatusAsync()).State);
        server.Start();
        await daemon.StatesAsync("optimized");
        Tool.Run("qemu-io", read).Succeeded();
    }

    [ToolFact("nbdkit", "qemu-io")]
    public async Task When_all_servers_are_gone_for_less_than_the_delay_io_waits()
    {
        using NbdkitServer server = Server("a");
        using NbdDaemon daemon = await NbdDaemon.StartAsync(_folder, "--path", $"{PathTo(server)},reconnect=100ms", "--delayed-removal", "60");
        server.Kill();
        Task<ToolResult> read = Tool.RunAsync("qemu-io", "-f", "raw", "-c", "read 0 4k", daemon.Uri);
        await Eventually.TrueAsync(() => daemon.StatusAsync().Result.Waiting > 0, "the I/O to wait");
        server.Start();
        (await read).Succeeded();
    }

    [ToolFact("nbdkit")]
    public async Task A_server_that_stays_away_for_the_loss_time_takes_its_path_with_it()
    {
        using NbdkitServer first = Server("a");
        using NbdkitServer second = Server("b");
        using NbdDaemon daemon = await NbdDaemon.StartAsync(_folder, "--path", PathTo(first), "--path", $"{PathTo(second)},loss=1s,reconnect=100ms");
        Assert.Equal(("off", "1"), (await GetAsync(daemon, "path/0/ctrl_loss_tmo"), await GetAsync(daemon, "path/1/ctrl_loss_tmo")));
        second.Kill();
        await daemon.StatesAsync("optimized");
        Assert.Contains("path 1 (nbd1) is removed: what it led to has gone", (await daemon.StopAsync()).Error);
    }

    [ToolFact("nbdkit", "qemu-io")]
    public async Task A_server_without_multi_conn_is_used_over_one_path()
    {
        var single = new NbdkitOptions { Filters = ["multi-conn"], Parameters = ["multi-conn-mode=disable"] };
        using NbdkitServer first = NbdkitServer.File(_folder, "a", _file, single);
        using NbdkitServer second = NbdkitServer.File(_folder, "b", _file, single);
        using NbdDaemon daemon = await NbdDaemon.StartAsync(_folder, "--path", PathTo(first), "--path", PathTo(second));
        await daemon.StatesAsync("optimized, inaccessible");
        first.Kill();
        Tool.Run("qemu-io", "-f", "raw", "-c", "write -P 3 0 64k", "-c", "read -P 3 0 64k", daemon.Uri).Succeeded();
        await daemon.StatesAsync("connecting, optimized");
    }

    private static string PathTo(NbdkitServer server) => $"nbd:unix:{server.Socket}";

    private static async Task<string> GetAsync(NbdDaemon daemon, string name) =>
        (await daemon.Client.AskAsync(new ControlRequest { Verb = ControlVerbs.Get, Name = name })).Attribute!.Value!;

    private NbdkitServer Server(string name) => NbdkitServer.File(_folder, name, _file);

    private async Task<(int Code, string Said)> VerbAsync(params string[] arguments)
    {
        MpathdProcess.Ended ended = await MpathdProcess.Run([.. arguments, "--control", _folder["control.sock"]]);
        return (ended.Code, ended.Output + ended.Error);
    }
}
