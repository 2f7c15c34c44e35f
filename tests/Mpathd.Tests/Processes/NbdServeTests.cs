using System.Text.Json;
using LibMultipath.Nbd.Tests.Kit.Tools;
using Mpathd.Serving;
using Mpathd.Tests.Kit;

namespace Mpathd.Tests.Processes;

/// <summary>A disk that is exported, and the clients that people have.</summary>
[Collection(ProcessCollection.Name)]
public sealed class NbdServeTests : IDisposable
{
    private const int Size = 4 << 20;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ToolFact("nbdinfo", "nbdcopy", "qemu-io")]
    public async Task Clients_read_and_write_the_disk_and_are_told_how_to_reach_it()
    {
        string file = _folder.File("disk.img", Size, new Random(1));
        using NbdDaemon daemon = await NbdDaemon.StartAsync(_folder, "--path", $"loop:{file}", "--path", $"loop:{file}");
        string socket = _folder["disk.nbd"];
        Assert.Equal($"nbd+unix:///?socket={socket}", daemon.Uri);
        Assert.Contains($"\n  nbd-client -unix {socket} /dev/nbd0\n  nbdinfo '{daemon.Uri}'\n", daemon.Output);
        Assert.Equal($"{Size}\n", Tool.Run("nbdinfo", "--size", daemon.Uri).Succeeded());
        Tool.Run("nbdcopy", daemon.Uri, _folder["copy.img"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(_folder["copy.img"]));
        Tool.Run("qemu-io", "-f", "raw", "-c", "write -P 7 64k 64k", "-c", "flush", "-c", "read -P 7 64k 64k", daemon.Uri).Succeeded();
        Assert.All(File.ReadAllBytes(file)[(64 << 10)..(128 << 10)], each => Assert.Equal(7, each));
        MpathdProcess.Ended ended = await daemon.StopAsync();
        Assert.Equal(0, ended.Code);
        Assert.Contains($"\nmpathd: {daemon.Uri} has gone, stopped: ", ended.Output);
        Assert.False(File.Exists(socket));
    }

    [ToolFact("nbdinfo", "nbdcopy")]
    public async Task It_has_a_name_a_port_and_its_place_in_the_status()
    {
        using NbdDaemon daemon = await NbdDaemon.StartWithAsync(_folder, "--nbd", "tcp:0", "--nbd-name", "it", "--path", "null:size=1M", "--read-only");
        Assert.Matches(@"^nbd://127\.0\.0\.1:\d+/it$", daemon.Uri);
        using (var info = JsonDocument.Parse(Tool.Run("nbdinfo", "--json", daemon.Uri).Succeeded()))
        {
            JsonElement export = info.RootElement.GetProperty("exports")[0];
            Assert.Equal(("it", 1 << 20, true), (export.GetProperty("export-name").GetString(), export.GetProperty("export-size").GetInt64(), export.GetProperty("is_read_only").GetBoolean()));
        }

        Tool.Run("nbdinfo", daemon.Uri[..^2] + "other").Failed();
        ServiceStatus status = await daemon.StatusAsync();
        Assert.Null(status.Device);
        Assert.Equal((daemon.Uri, $"tcp:{daemon.Uri["nbd://".Length..^3]}", "it", 0, false), (status.Nbd!.Uri, status.Nbd.Address, status.Nbd.Export, status.Nbd.Connections, status.Nbd.Tls));
        MpathdProcess.Ended table = await MpathdProcess.Run("status", "--control", _folder["control.sock"]);
        Assert.StartsWith($"{daemon.Uri}: live, 1M in blocks of 512, policy numa, read-only, up ", table.Output);
        Assert.Contains("\n0 of 64 connections", table.Output);
        daemon.Interrupt();
        Assert.Equal(130, (await daemon.EndAsync()).Code);
    }

    [ToolFact("nbdinfo")]
    public async Task With_certificates_clients_have_to_use_them()
    {
        var tls = new TlsFolder(_folder, "pki");
        using NbdDaemon daemon = await NbdDaemon.StartWithAsync(_folder, "--nbd", "tcp:0", "--nbd-tls-certificates", tls.Name, "--path", "null:size=1M");
        Assert.StartsWith("nbds://", daemon.Uri);
        Assert.Equal("1048576\n", Tool.Run("nbdinfo", "--size", $"{daemon.Uri.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)}?tls-certificates={tls.Name}").Succeeded());
        Tool.Run("nbdinfo", "--size", daemon.Uri.Replace("nbds:", "nbd:", StringComparison.Ordinal)).Failed();
        Assert.True((await daemon.StatusAsync()).Nbd!.Tls);
    }

    [ToolFact("nbdinfo")]
    public async Task Clients_have_to_have_a_certificate_of_the_authority_if_that_is_asked_for()
    {
        var tls = new TlsFolder(_folder, "pki");
        using NbdDaemon daemon = await NbdDaemon.StartWithAsync(
            _folder, "--nbd", "tcp:0", "--nbd-tls-certificates", tls.Name, "--nbd-tls-verify-clients", "--path", "null:size=1M");
        AssertLetsInOnlyWhoHasACertificate(daemon.Uri, tls);
        Assert.EndsWith(" -x -F client-cert.pem -K client-key.pem", daemon.Output.Split('\n')[1]);
    }

    [ToolFact("nbdinfo")]
    public async Task An_exported_path_asks_for_certificates_as_well()
    {
        var tls = new TlsFolder(_folder, "pki");
        using MpathdProcess export = MpathdProcess.Start("export", "null:size=1M", "--nbd", "tcp:0", "--nbd-tls-certificates", tls.Name, "--nbd-tls-verify-clients");
        await Eventually.TrueAsync(() => export.OutputLines == 3 || export.HasExited, "the export");
        AssertLetsInOnlyWhoHasACertificate(export.OutputSoFar.Split(' ')[0], tls);
    }

    [Fact]
    public async Task A_certificate_that_is_missing_is_told_with_the_remedy_and_the_authoritys_is_needed_to_verify_alone()
    {
        var tls = new TlsFolder(_folder, "pki");
        File.Delete(tls["ca-cert.pem"]);
        MpathdProcess.Ended ended = await MpathdProcess.Run("export", "null:size=1M", "--nbd", "tcp:0", "--nbd-tls-certificates", tls.Name, "--nbd-tls-verify-clients");
        Assert.Equal((3, ""), (ended.Code, ended.Output));
        Assert.Matches(@"(?m)^mpathd: [^\n]*pki/ca-cert\.pem [^\n]*; give --nbd-tls-certificates a folder of server-cert\.pem, server-key\.pem and ca-cert\.pem$", ended.Error);
        using NbdDaemon daemon = await NbdDaemon.StartWithAsync(_folder, "--nbd", "tcp:0", "--nbd-tls-certificates", tls.Name, "--path", "null:size=1M");
        Assert.Equal(0, (await daemon.StopAsync()).Code);
    }

    [Fact]
    public async Task A_place_that_is_taken_is_told_in_one_line()
    {
        using NbdDaemon daemon = await NbdDaemon.StartAsync(_folder, "--path", "null:size=1M");
        MpathdProcess.Ended ended = await MpathdProcess.Run("serve", "--path", "null:size=1M", "--nbd", $"unix:{_folder["disk.nbd"]}", "--control", _folder["other.sock"]);
        Assert.Equal((3, ""), (ended.Code, ended.Output));
        Assert.Matches(@"^mpathd: [^\n]*disk\.nbd[^\n]*; end that server, or give another place with --nbd\n$", ended.Error);
        Assert.Equal("live", (await daemon.StatusAsync()).State);
    }

    [Fact]
    public async Task What_a_daemon_that_was_killed_has_left_is_replaced()
    {
        using (MpathdProcess killed = MpathdProcess.Start("export", "null:size=1M", "--nbd", $"unix:{_folder["disk.nbd"]}"))
        {
            await Eventually.TrueAsync(() => killed.OutputLines == 3, "the export");
            killed.Signal(MpathdProcess.KillNow);
            await killed.WaitAsync();
        }

        Assert.True(File.Exists(_folder["disk.nbd"]));
        using NbdDaemon daemon = await NbdDaemon.StartAsync(_folder, "--path", "null:size=1M");
        Assert.Equal(0, (await daemon.StopAsync()).Code);
    }

    [ToolFact("nbdinfo")]
    public async Task Without_ublk_it_is_an_export_beside_the_control_socket_and_why_is_said()
    {
        if (File.Exists("/dev/ublk-control"))
        {
            // Here it is a block device, which other tests look at.
            return;
        }

        using NbdDaemon daemon = await NbdDaemon.StartWithAsync(_folder, "--path", "null:size=1M");
        Assert.Equal($"nbd+unix:///?socket={_folder["control.nbd"]}", daemon.Uri);
        Assert.Equal("1048576\n", Tool.Run("nbdinfo", "--size", daemon.Uri).Succeeded());
        Assert.Matches(@"^mpathd: an NBD export in place of a block device: [^\n]+; [^\n]+\n", (await daemon.StopAsync()).Error);
        MpathdProcess.Ended ended = await MpathdProcess.Run("serve", "--path", "null:size=1M", "--ublk", "--control", _folder["control.sock"]);
        Assert.Equal(3, ended.Code);
    }

    [ToolFact("nbdinfo")]
    public async Task A_size_that_has_changed_is_what_the_next_client_sees()
    {
        using NbdDaemon daemon = await NbdDaemon.StartAsync(_folder, "--path", $"loop:{_folder.File("disk.img", Size)}");
        Assert.Equal("size: 8M; NBD clients see it when they connect anew\n", (await MpathdProcess.Run("resize", "8M", "--control", _folder["control.sock"])).Output);
        Assert.Equal($"{2 * Size}\n", Tool.Run("nbdinfo", "--size", daemon.Uri).Succeeded());
    }

    [ToolFact("nbdinfo")]
    public async Task A_path_is_exported_until_the_standard_input_ends_and_not_by_a_terminal()
    {
        string socket = _folder["a.sock"];
        string program = Path.Combine(AppContext.BaseDirectory, "mpathd.dll");
        using System.Diagnostics.Process export = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("dotnet", [program, "export", "null:size=1M", "--nbd", $"unix:{socket}", "--until-eof"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        Assert.Equal($"nbd+unix:///?socket={socket} is ready: 1M", await export.StandardOutput.ReadLineAsync());
        Signals.Send(export.Id, MpathdProcess.Interrupt);
        Signals.Send(export.Id, MpathdProcess.HangUp);
        Assert.Equal("1048576\n", Tool.Run("nbdinfo", "--size", $"nbd+unix:///?socket={socket}").Succeeded());
        export.StandardInput.Close();
        await export.WaitForExitAsync().WaitAsync(Eventually.Limit);
        Assert.Equal(0, export.ExitCode);
        Assert.False(File.Exists(socket));
    }

    private void AssertLetsInOnlyWhoHasACertificate(string uri, TlsFolder tls)
    {
        string at = uri.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        Assert.StartsWith("nbds://", at);

        // It trusts the server, and has nothing to show of its own; or something of an authority of which the server knows nothing.
        string nothing = _folder["nothing"];
        string strange = _folder["strange"];
        var stranger = new TlsFolder(_folder, "strangers");
        foreach (string folder in new[] { nothing, strange })
        {
            Directory.CreateDirectory(folder);
            File.Copy(tls["ca-cert.pem"], Path.Combine(folder, "ca-cert.pem"));
        }

        foreach (string file in new[] { "client-cert.pem", "client-key.pem" })
        {
            File.Copy(stranger[file], Path.Combine(strange, file));
        }

        Tool.Run("nbdinfo", "--size", $"{at}?tls-certificates={nothing}").Failed();
        Tool.Run("nbdinfo", "--size", $"{at}?tls-certificates={strange}").Failed();
        Assert.Equal("1048576\n", Tool.Run("nbdinfo", "--size", $"{at}?tls-certificates={tls.Name}").Succeeded());
    }
}
