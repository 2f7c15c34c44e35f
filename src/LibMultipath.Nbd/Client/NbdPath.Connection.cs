using System.Net;
using System.Net.Sockets;
using LibMultipath.Block;
using LibMultipath.Nbd.Connections;
using LibMultipath.Nbd.Protocol;
using LibMultipath.Paths;

namespace LibMultipath.Nbd.Client;

// How a connection is made, and what follows when it ends.
public sealed partial class NbdPath : ISessionOwner
{
    // Connections are made one after the other.
    private readonly Lock _dialLock = new();

    // Those that have not ended: one in use, and perhaps others that were closed and wait for their answers. Changed under
    // the lock, and read without: the thread of all timers must not wait for whoever has that.
    private NbdSession[] _sessions = [];

    // The last one that ended.
    private volatile NbdSession? _last;

    /// <summary>Connects for the first time, and blocks until it has.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BlockException">The server is not there, or cannot be used; errno and message say why, and what to do.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public void Connect(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isReleased), this);
        Establish(byHand: false, cancellationToken);
    }

    void ISessionOwner.OnEnding(NbdSession session, string why)
    {
        ControllerRecovery? recovery;
        lock (_stateLock)
        {
            // Who adds the path meanwhile sees that it is over, or is seen here.
            session.IsOver = true;
            recovery = ReferenceEquals(_session, session) && !session.IsClosing ? _recovery : null;
            _last = session;
            _lastEnd = why;
        }

        recovery?.ConnectionLost(why, session.HasTimedOut);
        if (IsFailed)
        {
            recovery?.Stop();
        }

        Interlocked.CompareExchange(ref _session, null, session);
    }

    void ISessionOwner.OnEnded(NbdSession session, List<BioAttempt> harmless, List<BioAttempt> uncertain)
    {
        if (!session.IsClosing && _lostLimit.TryTake(out int suppressed))
        {
            (string why, int held) = (_lastEnd!, uncertain.Count);
            _log.Write(() => Logger.Lost(Name, Address, why, held, suppressed));
        }

        if (uncertain.Count > 0)
        {
            _held.Hold(uncertain, session.Peer, session.EndPoint);
        }

        session.Settled.SetResult();
        foreach (BioAttempt attempt in harmless)
        {
            attempt.FailPath(BlockStatus.Transport);
        }

        lock (_stateLock)
        {
            Volatile.Write(ref _sessions, [.. _sessions.Where(other => other != session)]);
        }

        Arrange(waits: false);
    }

    void ISessionOwner.OnFault(Exception exception) => _log.Write(() => Logger.SessionFaulted(exception, Name));

    private Task ConnectAgain(CancellationToken cancellation)
    {
        Establish(byHand: false, cancellation);
        Prepare();
        Arrange(waits: false);
        return Task.CompletedTask;
    }

    /// <summary>Makes a connection, and has requests go over it, unless there is one. Blocks.</summary>
    /// <param name="byHand">Whether it is made although the path was failed by hand.</param>
    /// <param name="cancellation">When it is cancelled, nobody wants the connection any more.</param>
    private void Establish(bool byHand, CancellationToken cancellation)
    {
        lock (_dialLock)
        {
            if (IsConnected)
            {
                return;
            }

            ThrowIfUnwanted(byHand, cancellation);

            // What is held of the last connection has to be held when this server says that it is gone.
            _last?.Settled.Task.Wait(cancellation);
            long start = Environment.TickCount64;
            (Socket socket, EndPoint endPoint) = SocketConnector.Connect(Address, _options.HandshakeLimit, _held.Refused, cancellation);
            var sending = new ThreadScheduler($"nbd-{Name}-send");
            var connection = new NbdConnection(socket, new BlockingStream(socket), sending);
            try
            {
                TimeSpan left = _options.HandshakeLimit - TimeSpan.FromMilliseconds(Environment.TickCount64 - start);
                NbdExportInfo info = Negotiate(connection, left, cancellation);
                Use(info);
                Begin(new NbdSession(connection, info, endPoint, sending), byHand, cancellation);
                string multiConn = info.Can(NbdExportFlags.CanMultiConn) ? "" : ", without multi-conn";
                _log.Write(() => Logger.Connected(Name, Address, info.Size, multiConn));
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
    }

    private void Begin(NbdSession session, bool byHand, CancellationToken cancellation)
    {
        lock (_stateLock)
        {
            ThrowIfUnwanted(byHand, cancellation);
            session.Start(this);
            Volatile.Write(ref _sessions, [.. _sessions, session]);
            Volatile.Write(ref _session, session);
        }

        // Failing it by hand does not wait for the lock.
        if (!byHand && IsFailed)
        {
            session.Close("failed by hand");
        }
    }

    private void ThrowIfUnwanted(bool byHand, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isReleased), this);
        if (!byHand && IsFailed)
        {
            throw new OperationCanceledException("The path was failed by hand.");
        }
    }

    private NbdExportInfo Negotiate(NbdConnection connection, TimeSpan limit, CancellationToken cancellation)
    {
        var stream = (BlockingStream)connection.Stream;
        stream.SetLimit(limit);
        try
        {
            using CancellationTokenRegistration given = cancellation.UnsafeRegister(
                static state => ((NbdConnection)state!).Abort("given up"), connection);

            // The stream blocks, so this does not leave the thread.
            NbdExportInfo info = new ClientHandshake(connection, Address, _options.Tls).RunAsync().GetAwaiter().GetResult();
            stream.ClearLimit();
            return info;
        }
        catch (Exception exception) when (exception is not (BlockException or OperationCanceledException))
        {
            cancellation.ThrowIfCancellationRequested();
            throw exception switch
            {
                TimeoutException or { InnerException: TimeoutException } => new BlockException(
                    Errno.ETIMEDOUT, $"{Address}: it does not answer within {_options.HandshakeLimit.TotalSeconds:0.###} s; is it an NBD server, and has it room for one more client?", exception),
                IOException or ObjectDisposedException or InvalidOperationException => new BlockException(Errno.EPROTO, $"{Address}: {exception.Message}", exception),
                _ => exception,
            };
        }
    }

    /// <summary>Takes what the server says for the disk, or refuses it.</summary>
    private void Use(NbdExportInfo info)
    {
        try
        {
            if (info.Can(NbdExportFlags.ReadOnly) && !_options.ReadOnly)
            {
                throw new BlockException(Errno.EROFS, $"{Address}: it can only be read; use it read-only, or start the server so that it can be written");
            }

            PathShape shape = PathShape.Of(Address, info);
            if (Path is { } path && shape.CapacitySectors != path.Head.CapacitySectors)
            {
                throw new BlockException(Errno.EINVAL, Differs(path.Head, shape.CapacitySectors));
            }

            Take(shape);
        }
        catch (BlockException exception)
        {
            if (Path is not null && _unusableLimit.TryTake(out int suppressed))
            {
                string problem = WithoutAddress(exception.Message);
                _log.Write(() => Logger.NotUsable(Name, Address, problem, suppressed));
            }

            throw;
        }

        CanMultiConn = info.Can(NbdExportFlags.CanMultiConn);
        Description = info.Description;
    }

    // Nobody uses the path now, so its shape may change in steps.
    private void Take(PathShape shape)
    {
        if (shape.CapacitySectors == CapacitySectors && shape.Limits == Limits)
        {
            return;
        }

        QueueLimits old = Limits;
        long oldCapacity = CapacitySectors;
        try
        {
            Reshape(shape.CapacitySectors, shape.Limits);
            Path?.Head.Revalidate();
        }
        catch (ArgumentException exception)
        {
            Reshape(oldCapacity, old);
            throw new BlockException(Errno.EINVAL, $"{Address}: it does not go with the disk: {exception.Message}", exception);
        }
    }

    private void Reshape(long capacitySectors, QueueLimits limits)
    {
        SetCapacity(0);
        SetLimits(limits);
        SetCapacity(capacitySectors);
    }

    private void Tick()
    {
        // In this order: a path that is released gets no more of them.
        bool isReleased = Volatile.Read(ref _isReleased);
        NbdSession[] sessions = Volatile.Read(ref _sessions);
        if (!isReleased || sessions.Length > 0)
        {
            _ticks.Set(_options.IoTimeout / NbdSession.TicksPerTimeout);
        }
        else
        {
            _ticks.Dispose();
        }

        foreach (NbdSession session in sessions)
        {
            session.Tick(_options.IoTimeout);
        }
    }
}
