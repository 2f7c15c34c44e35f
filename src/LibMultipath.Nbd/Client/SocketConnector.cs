using System.Net;
using System.Net.Sockets;
using LibMultipath.Block;
using LibMultipath.Nbd.Connections;
using LibMultipath.Nbd.Interop;

namespace LibMultipath.Nbd.Client;

/// <summary>
/// Connects without a thread of the pool and without waiting for ever: a path must come back while every thread of the pool
/// waits for it.
/// </summary>
internal static class SocketConnector
{
    private const int Slice = 20_000;

    /// <summary>Connects, and blocks until it has.</summary>
    /// <param name="address">
    /// Where to; a host may have several addresses, which are tried one after the other: each has an equal part of the time
    /// that is left, so that one that swallows what it is sent leaves some to the next.
    /// </param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="refused">Told of each place where nobody listens.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A socket whose calls block, and where it leads.</returns>
    /// <exception cref="BlockException">Nobody answers, or somebody says no; its errno says which.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static (Socket Socket, EndPoint EndPoint) Connect(NbdAddress address, TimeSpan limit, Action<EndPoint> refused, CancellationToken cancellation)
    {
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        BlockException? failure = null;
        EndPoint[] endPoints = Resolve(address);
        for (int i = 0; i < endPoints.Length; i++)
        {
            EndPoint endPoint = endPoints[i];
            long now = Environment.TickCount64;
            try
            {
                return (Connect(address, endPoint, now + ((deadline - now) / (endPoints.Length - i)), cancellation), endPoint);
            }
            catch (BlockException exception)
            {
                failure = exception;
                if (exception.Errno == Errno.ECONNREFUSED)
                {
                    refused(endPoint);
                }
            }
        }

        throw failure!;
    }

    private static EndPoint[] Resolve(NbdAddress address)
    {
        if (address.EndPoint is not DnsEndPoint dns)
        {
            return [address.EndPoint];
        }

        try
        {
            return [.. Dns.GetHostAddresses(dns.Host).Select(ip => new IPEndPoint(ip, dns.Port))];
        }
        catch (SocketException exception)
        {
            throw new BlockException(Errno.EHOSTUNREACH, $"{address}: the host {dns.Host} is not known: {exception.Message}", exception);
        }
    }

    private static Socket Connect(NbdAddress address, EndPoint endPoint, long deadline, CancellationToken cancellation)
    {
        bool isUnix = endPoint is UnixDomainSocketEndPoint;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            socket.Blocking = false;
            while (!TryConnect(socket, endPoint, isUnix, cancellation))
            {
                if (Environment.TickCount64 >= deadline)
                {
                    throw new SocketException((int)SocketError.TimedOut);
                }
            }

            SocketSetup.Prepare(socket);
            return Blocking(socket);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new BlockException(ErrnoOf(exception), $"{address}: {Problem(exception, endPoint)}", exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects, or waits a moment in vain.</summary>
    private static bool TryConnect(Socket socket, EndPoint endPoint, bool isUnix, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            socket.Connect(endPoint);
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress or SocketError.AlreadyInProgress)
        {
            if (isUnix)
            {
                // Its backlog is full, and nothing tells when it is not.
                Thread.Sleep(Slice / 1000);
            }
            else if (socket.Poll(Slice, SelectMode.SelectWrite) || socket.Poll(0, SelectMode.SelectError))
            {
                ThrowIfFailed(socket);
                return true;
            }

            return false;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.IsConnected)
        {
            return true;
        }
    }

    // A socket of .NET's that did not block once waits in its own way for ever after, with an object for each wait.
    private static Socket Blocking(Socket socket)
    {
        using (socket)
        {
            nint copy = Libc.DuplicateBlocking(socket.SafeHandle);
            return copy >= 0
                ? new Socket(new SafeSocketHandle(copy, ownsHandle: true))
                : throw new BlockException(Libc.LastError, "a socket could not be made to block");
        }
    }

    private static void ThrowIfFailed(Socket socket)
    {
        int error = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (error != 0)
        {
            throw new SocketException(error);
        }
    }

    private static Errno ErrnoOf(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => Errno.ECONNREFUSED,
        SocketError.TimedOut => Errno.ETIMEDOUT,
        SocketError.AccessDenied => Errno.EACCES,
        SocketError.AddressNotAvailable => Errno.ENOENT,
        SocketError.ConnectionReset => Errno.ECONNRESET,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostNotFound => Errno.EHOSTUNREACH,
        _ => Enum.IsDefined((Errno)exception.NativeErrorCode) ? (Errno)exception.NativeErrorCode : Errno.EIO,
    };

    private static string Problem(SocketException exception, EndPoint endPoint) =>
        endPoint is UnixDomainSocketEndPoint unix && !File.Exists(unix.ToString()) ? "there is no such socket; is the server running?"
        : exception.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "nobody listens there; is the server running?",
            SocketError.TimedOut => "nobody answers; is the server busy with other clients, or a firewall between?",
            SocketError.AccessDenied => "permission denied; who runs this needs to be allowed to write to the socket",
            _ => exception.Message,
        };
}
