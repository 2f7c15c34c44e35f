using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using LibMultipath.Block;

namespace LibMultipath.Nbd.Server;

/// <summary>The listening socket. The file of a Unix socket is for this user alone, and goes with the socket.</summary>
internal sealed class Listener : IDisposable
{
    private const int Backlog = 512;

    private readonly Lock _lock = new();
    private readonly Socket _socket;
    private readonly SocketFile? _file;
    private volatile bool _isDisposed;

    private Listener(Socket socket, EndPoint endPoint, SocketFile? file) => (_socket, EndPoint, _file) = (socket, endPoint, file);

    /// <summary>Where it listens; with the port that was given if any was asked for.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>Whether it accepts nobody any more.</summary>
    public bool IsDisposed => _isDisposed;

    /// <summary>
    /// Whether clients take a refused connection for the end of everything that the server does: those that cannot see
    /// whether its process lives. It must listen until that is so, or a client sends a write elsewhere, and then a newer one,
    /// and this server's disk carries the first one out after both.
    /// </summary>
    public bool RefusalMeansTheEnd => EndPoint is IPEndPoint;

    /// <summary>Listens.</summary>
    /// <exception cref="ArgumentException">The address is of another kind.</exception>
    /// <exception cref="BlockException">It cannot be done; with the errno, and what to do.</exception>
    public static Listener Open(EndPoint endPoint) => endPoint switch
    {
        UnixDomainSocketEndPoint unix => new Listener(UnixListener.Open(unix, Backlog, out SocketFile? file), unix, file),
        IPEndPoint ip => OpenPort(ip),
        _ => throw new ArgumentException($"{endPoint} is neither a UnixDomainSocketEndPoint nor an IPEndPoint.", nameof(endPoint)),
    };

    /// <summary>Waits for a client.</summary>
    public ValueTask<Socket> AcceptAsync() => _socket.AcceptAsync(CancellationToken.None);

    /// <summary>Accepts nobody any more. Any thread may, several at once too.</summary>
    public void Dispose()
    {
        // The socket is open until its file is gone: nobody else can take the place, and have it removed here.
        lock (_lock)
        {
            _isDisposed = true;
            _file?.Remove();
            _socket.Dispose();
        }
    }

    /// <summary>What is said when it cannot listen.</summary>
    public static BlockException Failed(EndPoint endPoint, Errno errno, Exception? cause = null) => errno switch
    {
        Errno.EADDRINUSE => new BlockException(errno, $"listening at {endPoint}: another server or file is there; end it, or choose another address", cause),
        Errno.EACCES or Errno.EPERM => new BlockException(Errno.EACCES, $"listening at {endPoint}: that is not allowed to this user; choose another address", cause),
        _ => new BlockException(errno, $"listening at {endPoint}: {Marshal.GetPInvokeErrorMessage((int)errno)}", cause),
    };

    private static Listener OpenPort(IPEndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return new Listener(socket, socket.LocalEndPoint!, null);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw Failed(endPoint, (Errno)exception.NativeErrorCode, exception);
        }
    }
}
