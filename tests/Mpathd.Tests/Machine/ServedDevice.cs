using System.Text.RegularExpressions;
using Mpathd.Control;
using Mpathd.Serving;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Machine;

/// <summary>A block device that <c>mpathd serve</c> serves, in a process of its own.</summary>
internal sealed partial class ServedDevice : IDisposable
{
    // In a machine that is emulated.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly MpathdProcess _process;

    private ServedDevice(MpathdProcess process, string socket, string path)
    {
        _process = process;
        Client = new ControlClient(socket) { Limit = s_limit };
        Path = path;
    }

    /// <summary>Such as /dev/ublkb0.</summary>
    public string Path { get; }

    public ControlClient Client { get; }

    public bool HasEnded => _process.HasExited;

    /// <summary>Serves, and returns when the device is there.</summary>
    public static async Task<ServedDevice> Serve(TemporaryFolder folder, params string[] arguments)
    {
        string socket = folder.File("control.sock");
        var process = MpathdProcess.Start(["serve", "--control", socket, .. arguments]);
        await Eventually.TrueAsync(() => process.OutputLines > 0 || process.HasExited, "the device", s_limit);
        if (process.HasExited)
        {
            Assert.Fail($"It does not serve: {await process.WaitAsync()}");
        }

        Match ready = Ready().Match(process.OutputSoFar);
        Assert.True(ready.Success, process.OutputSoFar);
        return new ServedDevice(process, socket, ready.Groups[1].Value);
    }

    public async Task DoAsync(string verb, string? path = null, string? spec = null, long? size = null) =>
        await AskAsync(new ControlRequest { Verb = verb, Path = path, Spec = spec, Size = size });

    public async Task<ServiceStatus> StatusAsync() => (await AskAsync(new ControlRequest { Verb = ControlVerbs.Status })).Status!;

    public Task<MpathdProcess.Ended> SignalAsync(int signal)
    {
        _process.Signal(signal);
        return EndAsync();
    }

    public Task<MpathdProcess.Ended> EndAsync() => _process.WaitAsync();

    public void Dispose() => _process.Dispose();

    // Why a daemon did not answer, only it can say.
    private async Task<ControlAnswer> AskAsync(ControlRequest request)
    {
        try
        {
            return await Client.AskAsync(request);
        }
        catch (MpathdException exception) when (exception.Message.Contains("before it answered", StringComparison.Ordinal))
        {
            bool had = HasEnded;
            MpathdProcess.Ended ended = await (had ? EndAsync() : SignalAsync(MpathdProcess.KillNow));
            throw new InvalidOperationException($"The daemon did not answer, and {(had ? "had ended" : "was alive")}: {ended}", exception);
        }
    }

    // With other ways to the disk behind its name, if there are any.
    [GeneratedRegex("^(/dev/ublkb[0-9]+)(?: \\(and [^\n]*\\))? is ready: [^\n]*\n")]
    private static partial Regex Ready();
}
