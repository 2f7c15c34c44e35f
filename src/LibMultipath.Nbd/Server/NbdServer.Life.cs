using System.Net.Sockets;

namespace LibMultipath.Nbd.Server;

// Connections come, are looked after, and go.
public sealed partial class NbdServer
{
    private const int Accepts = 4;
    private const int AcceptPause = 100; // ms
    private const int TicksPerTrim = 10;

    // Clients that have begun a handshake may hear that it has no end, before they are cut off.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestTick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_shortestTick = TimeSpan.FromMilliseconds(10);

    private int _ticking;
    private int _ticks;
    private long _lastTick;
    private long _lived;

    /// <summary>
    /// The time by which clients are late. It goes on with the ticks, and not by more than two periods at each: a server
    /// that was stopped, or had no thread, has not lived through the rest, and could not take what clients sent in it.
    /// </summary>
    internal TimeSpan Lived => new(Volatile.Read(ref _lived));

    private static TimeSpan TickOf(NbdServerOptions options)
    {
        TimeSpan tick = s_longestTick;
        foreach (TimeSpan limit in (ReadOnlySpan<TimeSpan>)[options.HandshakeLimit, options.StallLimit, options.IdleLimit])
        {
            tick = limit != Timeout.InfiniteTimeSpan && limit / 4 < tick ? limit / 4 : tick;
        }

        return tick < s_shortestTick ? s_shortestTick : tick;
    }

    private async Task AcceptAsync()
    {
        while (!_listener.IsDisposed)
        {
            try
            {
                Admit(await _listener.AcceptAsync().ConfigureAwait(false));
            }
            catch (Exception exception)
            {
                if (_listener.IsDisposed)
                {
                    return;
                }

                // For want of descriptors, most likely: others have to go first. Whatever it is, those who come later are let in.
                LogAcceptFailed(exception);
                await Task.Delay(TimeSpan.FromMilliseconds(AcceptPause), Clock).ConfigureAwait(false);
            }
        }
    }

    private void Admit(Socket socket)
    {
        ServerConnection connection;
        try
        {
            Peer.Prepare(socket);
            connection = new ServerConnection(this, socket);
        }
        catch (SocketException)
        {
            // It has gone again already.
            socket.Dispose();
            return;
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        lock (_lock)
        {
            if (!_stopping)
            {
                EndOldestHandshake();
                _connections.Add(connection);
                connection.Start();
                return;
            }
        }

        socket.Dispose();
    }

    // A client that means it needs no time worth mentioning: whoever has had the most is the one that may not.
    private void EndOldestHandshake()
    {
        int handshakes = 0;
        ServerConnection? oldest = null;
        foreach (ServerConnection connection in _connections)
        {
            if (connection.Held is null && !connection.IsEnding)
            {
                handshakes++;
                oldest ??= connection;
            }
        }

        if (handshakes >= Options.MaxConnections)
        {
            oldest!.Kill($"{handshakes} clients are in their handshake, and it was the first");
        }
    }

    private void Tick()
    {
        if (Interlocked.Exchange(ref _ticking, 1) != 0)
        {
            return;
        }

        try
        {
            Live();
            WatchAll();
            if (++_ticks % TicksPerTrim == 0)
            {
                Buffers.Trim();
            }
        }
        finally
        {
            Volatile.Write(ref _ticking, 0);
        }
    }

    private void Live()
    {
        try
        {
            long now = Clock.GetTimestamp();
            long passed = Math.Min(Clock.GetElapsedTime(_lastTick, now).Ticks, 2 * Period.Ticks);
            _lastTick = now;
            Volatile.Write(ref _lived, _lived + passed);
        }
        catch (Exception exception)
        {
            // Then nobody is late yet.
            LogWatchFailed("anybody", exception);
        }
    }

    private void WatchAll()
    {
        TimeSpan now = Lived;
        foreach (ServerConnection connection in Connections)
        {
            try
            {
                connection.Watch(now);
            }
            catch (Exception exception)
            {
                // The others have their limits nevertheless, and this one at the next tick.
                LogWatchFailed(connection.PeerName, exception);
            }
        }
    }

    private async Task<bool> EndAsync(TimeSpan limit, TimeProvider clock)
    {
        ServerConnection[] connections = BeginStop();
        Task ended = Task.WhenAll(connections.Select(connection => connection.Completion));
        TimeSpan grace = limit == Timeout.InfiniteTimeSpan || limit > s_grace ? s_grace : limit;
        bool isEnded = await EndsWithinAsync(ended, grace, clock).ConfigureAwait(false);
        if (!isEnded)
        {
            Kill(connections.Where(connection => connection.IsInHandshake), "the server is ending");
            isEnded = await EndsWithinAsync(ended, limit == Timeout.InfiniteTimeSpan ? limit : limit - grace, clock).ConfigureAwait(false);
        }

        if (!isEnded)
        {
            Logger.NotStopped(ConnectionCount, LocalEndPoint);
            Kill(connections, "the server has ended");
        }

        if (isEnded)
        {
            _listener.Dispose();
        }
        else
        {
            _ = ended.ContinueWith(_ => _listener.Dispose(), TaskScheduler.Default);
        }

        // What a driver still has keeps its memory and its disk until it ends.
        Buffers.Dispose();
        await _timer.DisposeAsync().ConfigureAwait(false);
        return isEnded;
    }

    private ServerConnection[] BeginStop()
    {
        string[] names;
        ServerConnection[] connections;
        bool isFirst;
        lock (_lock)
        {
            isFirst = !_stopping;
            _stopping = true;
            names = [.. _exports.Keys];
            connections = [.. _connections];
        }

        if (!_listener.RefusalMeansTheEnd)
        {
            _listener.Dispose();
        }

        foreach (string name in names)
        {
            RemoveServed(name);
        }

        if (isFirst)
        {
            Logger.Stopped(LocalEndPoint);
        }

        return connections;
    }

    private static void Kill(IEnumerable<ServerConnection> connections, string why)
    {
        foreach (ServerConnection connection in connections)
        {
            connection.Kill(why);
        }
    }

    private static async Task<bool> EndsWithinAsync(Task ended, TimeSpan limit, TimeProvider clock)
    {
        try
        {
            await ended.WaitAsync(limit, clock).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
