using System.Globalization;
using Microsoft.Extensions.Logging;
using Mpathd.Control;
using Mpathd.Output;
using Mpathd.Paths;
using Mpathd.Runs;
using Mpathd.Selectors;

namespace Mpathd.Serving;

/// <summary>
/// Serves a disk from its paths to its users, until it is asked to end or has to: makes everything in order,
/// says so, waits, and takes everything down in the opposite order.
/// </summary>
/// <remarks>It runs once. Status and stop may be asked for on any thread while it runs.</remarks>
internal sealed class Daemon
{
    private readonly ServeOptions _options;
    private readonly DiskHostStart _start;
    private readonly DaemonLimits _limits;
    private readonly ILogger _logger;
    private readonly ManualResetEvent _end = new(initialState: false);
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ServedDisk? _disk;
    private IDiskHost? _host;
    private volatile string? _state = "starting";
    private int _ending = -1;

    /// <summary>Makes a daemon; it does nothing before <see cref="Run"/>.</summary>
    /// <param name="options">What is served.</param>
    /// <param name="start">Makes what shows it to its users.</param>
    /// <param name="limits">How patient it is.</param>
    /// <param name="logger">Where it logs.</param>
    public Daemon(ServeOptions options, DiskHostStart start, DaemonLimits limits, ILogger logger)
    {
        _options = options;
        _start = start;
        _limits = limits;
        _logger = logger;
    }

    /// <summary>Tells whoever supervises the daemon.</summary>
    public SystemdNotifier Notifier { get; init; } = SystemdNotifier.OfEnvironment();

    /// <summary>The selectors that are loaded, and more to come; disposed when it has served.</summary>
    public SelectorLibrary Selectors { get; init; } = new();

    /// <summary>Serves, and blocks until all is over.</summary>
    /// <param name="controlPath">Where the control socket is made.</param>
    /// <param name="interruption">What ends it.</param>
    /// <param name="output">Is told when the device is there, and when it has gone.</param>
    /// <exception cref="MpathdException">It could not begin, or not end as it should.</exception>
    public ExitCode Run(string controlPath, Interruption interruption, TextWriter output)
    {
        if (interruption.IsRequested)
        {
            return ExitCode.Interrupted;
        }

        interruption.Allow(_limits.End);
        interruption.SetLastWords(() => throw CannotEnd());
        using ControlSocket socket = ControlSocket.Listen(controlPath);
        using var changes = new ChangeQueue();
        try
        {
            _disk = new ServedDisk(_options, Selectors, _logger, interruption.Token);
            _disk.Removed += () => EndFor(Ending.OutOfPaths);
            _disk.PathGone += () => RemoveGone(changes);
            RemoveGone(changes);
            _disk.WaitUntilLive(_limits.Start, interruption.Token);
            using IDiskHost host = _start(_disk.Disk, _disk.Identity, _options, interruption.Token);
            _host = host;
            _ = host.Ended.ContinueWith(
                ended => EndFor(ended.IsFaulted ? Ending.Failed : Ending.TakenAway), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            _state = null;
            using var server = new ControlServer(socket, new DaemonControl(this, _disk, changes, _limits.Control.Change), _limits.Control, _logger);
            server.Start();
            output.WriteLine(string.Join(Environment.NewLine, [Ready(host, socket), .. host.Clients.Select(client => $"  {client}")]));
            Notifier.Ready();
            if (WaitHandle.WaitAny([interruption.Requested, _end]) == 0)
            {
                EndFor(Ending.Interrupted);
            }

            Notifier.Stopping();
            return TakeDown(host, server, output);
        }
        catch (OperationCanceledException) when (interruption.IsRequested)
        {
            return ExitCode.Interrupted;
        }
        finally
        {
            DisposeDisk();
            Selectors.Dispose();
        }
    }

    /// <summary>How everything is now.</summary>
    public ServiceStatus Status() => _host!.Describe(_disk!.Status(_state));

    /// <summary>Gives the disk another size, and blocks until the users of the device see it.</summary>
    /// <param name="bytes">How large.</param>
    /// <returns>What users have to do to see it; null if nothing.</returns>
    /// <exception cref="MpathdException">It cannot be done; or it is done, and the device does not follow.</exception>
    public string? Resize(long bytes)
    {
        IDiskHost host = _host!;
        if (!host.CanResize)
        {
            throw MpathdException.SystemLacks(
                $"this kernel cannot change the size of {host.Name} while it is there", "stop the daemon, change the size of the file, and serve it again");
        }

        _disk!.Resize(bytes);
        if (!host.FollowSize())
        {
            throw MpathdException.Failed(
                $"the disk has {SizeText.Format(bytes)} now, but {host.Name} does not follow", "see what the daemon has logged; stop it and serve the disk again");
        }

        return host.WhenResized;
    }

    /// <summary>Ends the daemon; done when the device has gone.</summary>
    /// <returns>How it ended, for people.</returns>
    /// <exception cref="MpathdException">The device could not be taken away.</exception>
    public Task<string> StopAsync()
    {
        EndFor(Ending.Stopped);
        return _ended.Task;
    }

    // A path that cannot be removed now is when the next one is added.
    private void RemoveGone(ChangeQueue changes)
    {
        try
        {
            _ = changes.Make(() =>
            {
                _disk!.RemoveGone();
                return true;
            });
        }
        catch (MpathdException exception)
        {
            _logger.LogWarning("a path whose device was removed stays for now: {Problem}", exception.Message);
        }
    }

    // The first reason counts: what follows from it is none.
    private void EndFor(Ending ending)
    {
        Interlocked.CompareExchange(ref _ending, (int)ending, -1);
        _end.Set();
    }

    private ExitCode TakeDown(IDiskHost host, ControlServer server, TextWriter output)
    {
        _state = "stopping";
        var ending = (Ending)_ending;
        try
        {
            string? stays = TakeDeviceAway(host, ending);
            string summary = Summary(ending, host, stays);
            _state = "gone";
            _ended.SetResult(summary);
            output.WriteLine($"mpathd: {summary}");
        }
        catch (MpathdException exception)
        {
            _ended.SetException(exception);
            throw;
        }
        finally
        {
            server.StopAsync(_limits.Rest).Wait();
        }

        return ending switch
        {
            Ending.Interrupted => ExitCode.Interrupted,
            Ending.Stopped or Ending.TakenAway => ExitCode.Done,
            _ => ExitCode.Failed,
        };
    }

    // I/O that waits for a path keeps the device from going. Paths are given some time to come back for it. A device that
    // can be recovered outlives a failure of what serves it, as it would the end of the process.
    private string? TakeDeviceAway(IDiskHost host, Ending ending)
    {
        Task<string?> stop = Task.Factory.StartNew(
            () =>
            {
                if (ending == Ending.Failed)
                {
                    return host.Leave(_limits.Device);
                }

                host.Stop(_limits.Device);
                return null;
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            if (!stop.Wait(_limits.Waiting))
            {
                _disk!.FailWaiting();
            }

            if (!stop.Wait(_limits.Device - _limits.Waiting + _limits.Rest))
            {
                throw CannotEnd();
            }

            return stop.Result;
        }
        catch (AggregateException exception) when (exception.InnerException is MpathdException inner)
        {
            throw inner;
        }
    }

    // A path whose I/O does not end keeps the disk; it goes with the process.
    private void DisposeDisk()
    {
        if (_disk is not { } disk)
        {
            return;
        }

        Task disposal = Task.Factory.StartNew(disk.Dispose, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (!disposal.Wait(_limits.Rest))
        {
            _logger.LogWarning("I/O of a path has not ended; it is left behind");
        }
    }

    private string Ready(IDiskHost host, ControlSocket socket)
    {
        ServiceStatus status = Status();
        return Text($"{host.Name} is ready: {SizeText.Format(status.CapacityBytes)} over {Count.Of(status.Paths.Length, "path")}, policy {status.Policy}{(status.ReadOnly ? ", read-only" : "")}{(status.Device is { Recovered: true } ? ", recovered" : "")}; control socket {socket.Path}");
    }

    private string Summary(Ending ending, IDiskHost host, string? stays)
    {
        ServiceStatus status = Status();
        string why = ending switch
        {
            Ending.Interrupted => "interrupted",
            Ending.Stopped => "stopped",
            Ending.TakenAway => "taken away by somebody else",
            Ending.OutOfPaths => "its last path was removed",
            _ => $"what served it has failed: {host.Ended.Exception?.GetBaseException().Message}",
        };
        string what = stays is null ? "has gone" : $"waits for the next {stays}";
        return Text($"{host.Name} {what}, {why}: {Count.Of(status.Ios, "I/O")}, {SizeText.Approximate(status.Bytes)}, {Count.Of(status.Failovers, "failover")}, {status.Requeued:N0} waited for a path, {Count.Of(status.Errors, "error")}");
    }

    private MpathdException CannotEnd() => _host is { } host
        ? MpathdException.Failed(
            $"{host.Name} did not go within {_limits.Device.TotalSeconds:0} s: I/O is under way that does not end",
            host.LastResort)
        : MpathdException.Failed(
            $"the start was not given up within {_limits.End.TotalSeconds:0} s", "see with mpathd ublk list whether there is a device, and mpathd ublk delete ID");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
