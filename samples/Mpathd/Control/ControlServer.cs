using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Mpathd.Control;

/// <summary>
/// Answers the clients of a control socket, each on its own, until it is stopped. A client that hangs, hurries or talks
/// nonsense takes nothing from the others.
/// </summary>
internal sealed class ControlServer : IDisposable
{
    private static readonly TimeSpan s_acceptPause = TimeSpan.FromMilliseconds(100);

    private readonly ControlSocket _socket;
    private readonly IControlHandler _handler;
    private readonly ControlLimits _limits;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _clients = [];
    private Task _accepting = Task.CompletedTask;

    /// <summary>Makes a server; it does nothing before <see cref="Start"/>.</summary>
    /// <param name="socket">Disposed by its owner, after this.</param>
    /// <param name="handler">Does what clients ask for.</param>
    /// <param name="limits">What a client may take.</param>
    /// <param name="logger">Where faults are logged.</param>
    public ControlServer(ControlSocket socket, IControlHandler handler, ControlLimits limits, ILogger logger)
    {
        _socket = socket;
        _handler = handler;
        _limits = limits;
        _logger = logger;
    }

    /// <summary>How many clients there are.</summary>
    public int ClientCount
    {
        get
        {
            lock (_lock)
            {
                return _clients.Count;
            }
        }
    }

    /// <summary>Begins.</summary>
    public void Start() => _accepting = AcceptAsync();

    /// <summary>Accepts nobody any more, and no request: what was asked before is answered, for as long as given.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task[] clients;
        lock (_lock)
        {
            clients = [.. _clients];
        }

        await Task.WhenAny(Task.WhenAll([_accepting, .. clients]), Task.Delay(grace)).ConfigureAwait(false);
    }

    public void Dispose()
    {
        // Not the source of the token: a client that is slow to go may still look at it.
        _stop.Cancel();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Serve(await _socket.AcceptAsync(_stop.Token).ConfigureAwait(false));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException exception)
            {
                // Such as too many open files: it may pass.
                _logger.LogWarning("the control socket cannot accept a client: {Reason}", exception.Message);
                await Task.Delay(s_acceptPause).ConfigureAwait(false);
            }
        }
    }

    private void Serve(Socket socket)
    {
        bool full;
        lock (_lock)
        {
            full = _clients.Count >= _limits.Clients;
        }

        Task client = ServeAsync(new ControlConnection(socket, _handler, _limits, _logger), full);
        lock (_lock)
        {
            _clients.Add(client);
        }

        client.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task ServeAsync(ControlConnection connection, bool full)
    {
        // Not on the thread that accepts.
        await Task.Yield();
        using (connection)
        {
            try
            {
                await (full ? connection.TurnAwayAsync() : connection.ServeAsync(_stop.Token)).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                _logger.LogError(exception, "a client of the control socket was not served");
            }
        }
    }

    private void Forget(Task client)
    {
        lock (_lock)
        {
            _clients.Remove(client);
        }
    }
}
