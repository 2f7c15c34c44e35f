using System.Net;
using System.Net.Sockets;
using LibMultipath.Block;

namespace LibMultipath.Nbd.Server;

/// <summary>The listening socket. The file of a Unix socket is for this user alone, and goes with the socket.</summary>
internal sealed class Listener : IDisposable
{
    private const int Backlog = 512;

    private readonly Socket _socket;

    private Listener(Socket socket) => _socket = socket;

    /// <summary>Where it listens; with the port that was given if any was asked for.</summary>
    public EndPoint EndPoint => _socket.LocalEndPoint!;

    /// <summary>Listens.</summary>
    /// <exception cref="ArgumentException">The address is of another kind.</exception>
    /// <exception cref="BlockException">It cannot be done; with the errno, and what to do.</exception>
    public static Listener Open(EndPoint endPoint)
    {
        if (endPoint is not (UnixDomainSocketEndPoint or IPEndPoint))
        {
            throw new ArgumentException($"{endPoint} is neither a UnixDomainSocketEndPoint nor an IPEndPoint.", nameof(endPoint));
        }

        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            Bind(socket, endPoint);
            return new Listener(socket);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw Failed(endPoint, exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Waits for a client.</summary>
    public ValueTask<Socket> AcceptAsync() => _socket.AcceptAsync(CancellationToken.None);

    /// <summary>Accepts nobody any more.</summary>
    public void Dispose() => _socket.Dispose();

    private static void Bind(Socket socket, EndPoint endPoint)
    {
        if (endPoint is not UnixDomainSocketEndPoint unix)
        {
            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return;
        }

        try
        {
            socket.Bind(unix);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            // Not in the filter, which would swallow why it cannot be cleared.
            if (!SocketFile.TryClear(unix))
            {
                throw;
            }

            socket.Bind(unix);
        }

        // Nobody connects before it listens. An abstract name has no file.
        string path = unix.ToString();
        if (!OperatingSystem.IsWindows() && File.Exists(path))
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        socket.Listen(Backlog);
    }

    private static BlockException Failed(EndPoint endPoint, SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => new BlockException(Errno.EADDRINUSE, $"listening at {endPoint}: another server or file is there; end it, or choose another address", exception),
        SocketError.AccessDenied => new BlockException(Errno.EACCES, $"listening at {endPoint}: that is not allowed to this user; choose another address", exception),
        _ => new BlockException((Errno)exception.NativeErrorCode, $"listening at {endPoint}: {exception.Message}", exception),
    };
}
