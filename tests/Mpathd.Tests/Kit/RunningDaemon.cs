using Microsoft.Extensions.Logging.Abstractions;
using Mpathd.Control;
using Mpathd.Paths;
using Mpathd.Runs;
using Mpathd.Serving;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Kit;

/// <summary>A daemon in this process, with a host that shows its disk to the test.</summary>
internal sealed class RunningDaemon : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly Task<ExitCode> _run;
    private TestDiskHost? _host;

    private RunningDaemon(Func<TemporaryFolder, ServeOptions> options, DaemonLimits limits, Action<TestDiskHost>? started, string? notify)
    {
        Options = options(_folder);
        var daemon = new Daemon(Options, TestDiskHost.Starter(host => Accept(host, started)), limits, NullLogger.Instance) { Notifier = new SystemdNotifier(notify) };
        _run = Task.Factory.StartNew(
            () => daemon.Run(Socket, Interruption, TextWriter.Synchronized(_output)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public ServeOptions Options { get; }

    public Interruption Interruption { get; } = Interruption.Deaf();

    public string Socket => Path.Combine(_folder.Path, "control.sock");

    public TemporaryFolder Folder => _folder;

    public TestDiskHost Host => _host!;

    public ControlClient Client => new(Socket);

    public string Output => _output.ToString();

    public static async Task<RunningDaemon> OfNull(int paths, Func<ServeOptions, ServeOptions>? with = null, DaemonLimits? limits = null, string? notify = null)
    {
        PathSpec spec = PathSpecParser.Parse("null:size=1M");
        return await Started(
            _ => (with ?? (options => options))(new ServeOptions { Paths = [.. Enumerable.Repeat(spec, paths)] }), limits ?? new DaemonLimits(), null, notify);
    }

    public static async Task<RunningDaemon> OfLoop(int paths, int bytes, Func<ServeOptions, ServeOptions>? with = null)
    {
        return await Started(
            folder => (with ?? (options => options))(new ServeOptions
            {
                Paths = [.. Enumerable.Repeat(PathSpecParser.Parse($"loop:{folder.File("disk.img", bytes)}"), paths)],
            }),
            new DaemonLimits(), null, null);
    }

    public static async Task<RunningDaemon> Started(
        Func<TemporaryFolder, ServeOptions> options, DaemonLimits limits, Action<TestDiskHost>? started, string? notify)
    {
        var daemon = new RunningDaemon(options, limits, started, notify);
        await Eventually.TrueAsync(() => daemon.Output.Contains('\n') || daemon._run.IsCompleted, "the line that says that it is ready");
        if (daemon._run.IsCompleted)
        {
            await daemon._run;
        }

        return daemon;
    }

    public async Task<ServiceStatus> StatusAsync() => (await Client.AskAsync(new ControlRequest { Verb = ControlVerbs.Status })).Status!;

    /// <summary>Asks for something that is done, and returns what was said.</summary>
    public async Task<string> DoAsync(ControlRequest request) => (await Client.AskAsync(request)).Message!;

    /// <summary>Asks for something that is refused, and returns why.</summary>
    public async Task<MpathdException> RefusedAsync(ControlRequest request) => await Assert.ThrowsAsync<MpathdException>(() => Client.AskAsync(request));

    /// <summary>Waits for the end.</summary>
    public Task<ExitCode> EndAsync() => _run.WaitAsync(Eventually.Limit);

    public async ValueTask DisposeAsync()
    {
        Interruption.Request();
        await _run.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(Eventually.Limit);
        _folder.Dispose();
    }

    private void Accept(TestDiskHost host, Action<TestDiskHost>? started)
    {
        _host = host;
        started?.Invoke(host);
    }
}
