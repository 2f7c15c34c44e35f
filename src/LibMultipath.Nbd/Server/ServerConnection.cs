using System.IO.Pipelines;
using System.Net.Sockets;
using System.Security.Authentication;
using LibMultipath.Block;
using LibMultipath.Nbd.Connections;

namespace LibMultipath.Nbd.Server;

/// <summary>
/// One client: its handshake, then its requests, until it goes or is sent away. It is over when nothing of it is under way
/// any more, so a request that the disk has outlives the client: its memory is the disk's until then.
/// </summary>
/// <remarks>
/// <para><b>Threads.</b> One reads, on the pool. Any ends requests, and sends the answers. Another looks at the times
/// (<see cref="Watch"/>). <see cref="Stop"/> and <see cref="Kill"/> may be called on any.</para>
/// <para><b>The end.</b> A client that has said that it goes, or a server that stops, lets what is under way end and be
/// answered. A client that is gone, or has to go, gets no answer: what waits for a path is taken back.</para>
/// </remarks>
internal sealed partial class ServerConnection
{
    private readonly NbdServer _server;
    private readonly NbdConnection _connection;
    private readonly CancellationTokenSource _gone = new();
    private readonly AsyncSignal _signal = new();
    private readonly MemoryShare _share;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;
    private bool _hasLeft;

    // Who keeps the connection: its reader, and every bio.
    private int _holds = 1;

    public ServerConnection(NbdServer server, Socket socket)
    {
        _server = server;
        PeerName = Peer.NameOf(socket);
        _connection = new NbdConnection(socket, new NetworkStream(socket, ownsSocket: false), PipeScheduler.ThreadPool);
        _share = new MemoryShare(_signal);
        _free = new ServerRequest[server.Options.MaxRequests];
        BeginWatch();
    }

    /// <summary>Who it is, for the log.</summary>
    public string PeerName { get; }

    /// <summary>What it uses; null in the handshake.</summary>
    public ServedExport? Export { get; private set; }

    /// <summary>The export that is held for it. The server's, under its lock.</summary>
    public ServedExport? Held { get; set; }

    /// <summary>Whether it has taken its place among those that use an export. The server's, under its lock.</summary>
    public bool HasRoom { get; set; }

    /// <summary>Whether the client takes structured replies.</summary>
    public bool AnswersInChunks { get; private set; }

    /// <summary>Where the memory of its requests comes from.</summary>
    public BufferPool Buffers => _server.Buffers;

    /// <summary>Completes when it is over.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Whether it was ended, and is over soon.</summary>
    public bool IsEnding => _connection.Fault is not null;

    /// <summary>Begins.</summary>
    public void Start() => Completion = Task.Run(RunAsync);

    /// <summary>No more is read: what is under way ends, is answered, and then it is over. Does not wait.</summary>
    public void Stop()
    {
        _stopping = true;
        _connection.Input.CancelPendingRead();
        _signal.Set();
    }

    /// <summary>It is over as soon as nothing is under way. Does not wait.</summary>
    public void Kill(string why)
    {
        _connection.Abort(why);
        _signal.Set();
    }

    /// <summary>Gives a bio to the disk.</summary>
    public void Submit(Bio bio)
    {
        Interlocked.Increment(ref _holds);
        SubmitAgain(bio);
    }

    /// <summary>Gives a bio to the disk that has been with it for this request already.</summary>
    public void SubmitAgain(Bio bio) => Export!.Export.Disk.Submit(bio, _gone.Token);

    /// <summary>A bio has ended, and all that follows from it is done.</summary>
    public void BioEnded() => LetGo();

    /// <summary>Sends an answer. Whatever becomes of it, the request is free afterwards.</summary>
    public void Send(ServerRequest request)
    {
        if (_connection.Output.TryAdd(request))
        {
            NbdBatch.Flush(_connection.Output);
        }
        else
        {
            request.OnSent();
        }
    }

    private async Task RunAsync()
    {
        string? reason = null;
        try
        {
            reason = await ServeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or AuthenticationException or OperationCanceledException)
        {
            reason = _connection.Fault ?? exception.Message;
        }
        catch (Exception exception)
        {
            reason = exception.Message;
            _server.LogFaulted(PeerName, exception);
        }

        await EndAsync(reason).ConfigureAwait(false);
    }

    // Null if it ended as it should, and else why it did not.
    private async Task<string?> ServeAsync()
    {
        HandshakeResult? result = await new Handshake(_server, this, _connection).RunAsync().ConfigureAwait(false);
        if (result is null)
        {
            return null;
        }

        Export = result.Export;
        AnswersInChunks = result.Structured;
        _shape = result.Shape;
        _server.LogUsing(this, result.Shape.Bytes);
        await ReceiveAsync().ConfigureAwait(false);
        return _connection.Fault;
    }

    private async Task EndAsync(string? reason)
    {
        reason ??= _connection.Fault;
        _server.LogEnded(PeerName, reason);
        Volatile.Write(ref _hasLeft, true);
        _connection.Abort(reason ?? "it is over");
        _connection.Output.Break();
        await TakeBackAsync().ConfigureAwait(false);
        await _connection.Output.Ended.ConfigureAwait(false);
        ReleaseUnsent();
        LetGo();
        await _idle.Task.ConfigureAwait(false);
        await _connection.Input.CompleteAsync().ConfigureAwait(false);
        _connection.Dispose();
        _gone.Dispose();
        _server.Leave(this);
    }

    // What drivers and their loggers throw comes out here. All were asked nevertheless, and the connection has to end.
    private async Task TakeBackAsync()
    {
        try
        {
            await _gone.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException exception)
        {
            _server.LogFaulted(PeerName, exception);
        }
    }

    private void LetGo()
    {
        if (Interlocked.Decrement(ref _holds) == 0)
        {
            _idle.TrySetResult();
        }
    }
}
