using System.Diagnostics;
using System.Net.Sockets;

namespace Mpathd.Control;

/// <summary>Asks a daemon for something.</summary>
internal sealed class ControlClient
{
    // Statuses of thousands of paths, and then some.
    private const int MostAnswerBytes = 16 << 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly string _path;

    /// <summary>Makes a client; nothing is connected before something is asked for.</summary>
    /// <param name="path">The daemon's control socket.</param>
    public ControlClient(string path) => _path = path;

    /// <summary>How long a change may take; beyond what the daemon itself allows.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Asks, and waits for the answer.</summary>
    /// <param name="request">What is asked for; its version is set here.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="MpathdException">Nobody listens, or the daemon refuses.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<ControlAnswer> AskAsync(ControlRequest request, CancellationToken cancellationToken = default)
    {
        using ControlConversation conversation = await BeginAsync(request, cancellationToken).ConfigureAwait(false);
        return conversation.Answer;
    }

    /// <summary>Asks for something that goes on after the answer.</summary>
    /// <param name="request">What is asked for; its version is set here.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <exception cref="MpathdException">Nobody listens, or the daemon refuses.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<ControlConversation> BeginAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        byte[]? line;
        Socket socket = await ConnectAsync(limit.Token).ConfigureAwait(false);
        var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            var lines = new LineReader(stream, MostAnswerBytes);
            try
            {
                await SendAsync(stream, request with { Version = ControlRequest.CurrentVersion }, limit.Token).ConfigureAwait(false);
                line = await lines.ReadAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw MpathdException.Failed(
                    $"the daemon at {_path} has not answered for {Limit.TotalSeconds:0} s", "what was asked for may still be done; look with mpathd status");
            }
            catch (MpathdException exception)
            {
                // What came was no line.
                throw NoDaemon(exception);
            }
            catch (IOException)
            {
                line = null;
            }

            ControlAnswer answer = line is null ? throw Gone() : ControlJson.ParseAnswer(line) ?? throw NoDaemon();
            return answer.Ok && AskedFor(request, answer) is not null
                ? new ControlConversation(answer, new ControlChannel(socket, stream, lines), stream)
                : throw answer.Error?.ToException() ?? NoDaemon();
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static object? AskedFor(ControlRequest request, ControlAnswer answer) => request.Verb switch
    {
        ControlVerbs.Status => answer.Status,
        ControlVerbs.Get => answer.Attribute,
        ControlVerbs.PrReadKeys or ControlVerbs.PrReadReservation => answer.Reservation,
        ControlVerbs.SelectorList => answer.Selectors,
        _ => answer.Message,
    };

    // A daemon that turns clients away answers before it is asked.
    private static async Task SendAsync(NetworkStream stream, ControlRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(ControlJson.Line(request), cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception) when (exception.InnerException is SocketException { SocketErrorCode: SocketError.Shutdown or SocketError.ConnectionReset })
        {
            return;
        }
    }

    // One whose queue of clients is full takes them in soon.
    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await TryConnectAsync(cancellationToken).ConfigureAwait(false) is { } socket)
            {
                return socket;
            }

            if (Stopwatch.GetElapsedTime(start) + s_pause > (Limit < s_patience ? Limit : s_patience))
            {
                throw MpathdException.Failed($"the daemon at {_path} takes no more clients in: too many wait for it", "try again, or end the clients that wait");
            }

            await Task.Delay(s_pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Socket?> TryConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path), cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            if (exception.SocketErrorCode == SocketError.WouldBlock)
            {
                return null;
            }

            throw exception.SocketErrorCode == SocketError.AccessDenied
                ? MpathdException.SystemLacks($"the daemon at {_path} belongs to another user", "be that user, or root", exception)
                : MpathdException.SystemLacks($"no daemon listens at {_path}{Others()}", "start one with mpathd serve, or name its socket with --control", exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // What the user may have meant.
    private string Others()
    {
        string folder = Path.GetDirectoryName(_path)!;
        try
        {
            string[] others = [.. Directory.EnumerateFileSystemEntries(folder).Where(each => each != _path && IsOfDaemon(each)).Order().Take(8)];
            return others.Length == 0 ? "" : $" (there are {string.Join(", ", others)})";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static bool IsOfDaemon(string path) =>
        FileFacts.Of(path, follow: false) is { IsSocket: true } && File.Exists(ControlSocket.LockOf(path));

    private MpathdException Gone() => MpathdException.Failed(
        $"the daemon at {_path} has ended, or let go of this client, before it answered", "look with mpathd status");

    private MpathdException NoDaemon(Exception? cause = null) =>
        MpathdException.Failed($"what listens at {_path} is no mpathd", "name the daemon's socket with --control", cause);
}
