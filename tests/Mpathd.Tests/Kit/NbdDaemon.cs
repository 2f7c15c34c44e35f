using System.Text.RegularExpressions;
using LibMultipath.Nbd.Tests.Kit.Tools;
using Mpathd.Control;
using Mpathd.Serving;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Kit;

/// <summary>A daemon as a user starts it, whose disk is exported over NBD.</summary>
internal sealed partial class NbdDaemon : IDisposable
{
    private readonly MpathdProcess _process;

    private NbdDaemon(MpathdProcess process, string control)
    {
        _process = process;
        Client = new ControlClient(control);
    }

    public ControlClient Client { get; }

    /// <summary>The URI that the daemon tells.</summary>
    public string Uri { get; private set; } = "";

    /// <summary>What it has printed.</summary>
    public string Output => _process.OutputSoFar;

    /// <summary>Starts one with an export on a socket of the folder.</summary>
    public static Task<NbdDaemon> StartAsync(TempFolder folder, params string[] arguments) =>
        StartWithAsync(folder, ["--nbd", $"unix:{folder["disk.nbd"]}", .. arguments]);

    /// <summary>Starts one, wherever its export is.</summary>
    public static async Task<NbdDaemon> StartWithAsync(TempFolder folder, params string[] arguments)
    {
        string control = folder["control.sock"];
        var daemon = new NbdDaemon(MpathdProcess.Start(["serve", "--control", control, .. arguments]), control);
        await Eventually.TrueAsync(() => daemon._process.HasExited || daemon.Output.Contains("nbdinfo", StringComparison.Ordinal), "the export");
        if (daemon._process.HasExited)
        {
            Assert.Fail((await daemon._process.WaitAsync()).Error);
        }

        daemon.Uri = Name().Match(daemon.Output).Groups[1].Value;
        return daemon;
    }

    public async Task<ServiceStatus> StatusAsync() => (await Client.AskAsync(new ControlRequest { Verb = ControlVerbs.Status })).Status!;

    /// <summary>The states of the paths, as the status has them.</summary>
    public async Task<string> StatesAsync() => string.Join(", ", (await StatusAsync()).Paths.Select(path => path.State));

    /// <summary>Waits for states of the paths.</summary>
    public Task StatesAsync(string states) => Eventually.TrueAsync(() => StatesAsync().Result == states, $"the paths to be {states}");

    /// <summary>Asks it to end, and waits until it has.</summary>
    public async Task<MpathdProcess.Ended> StopAsync()
    {
        await Client.AskAsync(new ControlRequest { Verb = ControlVerbs.Stop });
        return await _process.WaitAsync();
    }

    public void Interrupt() => _process.Signal(MpathdProcess.Interrupt);

    public Task<MpathdProcess.Ended> EndAsync() => _process.WaitAsync();

    public void Dispose() => _process.Dispose();

    [GeneratedRegex("^(nbds?(?:\\+unix)?://[^ ]*) is ready: ")]
    private static partial Regex Name();
}
