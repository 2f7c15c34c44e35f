using System.Net;
using System.Net.Sockets;
using LibMultipath.Block;
using LibMultipath.Nbd.Interop;

namespace LibMultipath.Nbd.Server;

/// <summary>
/// Has a Unix socket listen where one server can be at most, though several start at the same moment on what a dead one left.
/// </summary>
/// <remarks>
/// <para>A socket that is bound and does not listen yet looks like that of a dead server. So it is bound under a name of its
/// own, listens, and only then is given the name that clients know, which is one step and fails if it is taken. What is there
/// already is looked at, and taken away if it is dead, by one server at a time.</para>
/// <para>Where that cannot be done (a file system that does not rename like that, a path that leaves no room for a longer
/// name, a folder where nothing else may be made) it is bound in place, under the lock of the folder. A server that is killed
/// on the way leaves a name behind that nobody uses.</para>
/// </remarks>
internal static class UnixListener
{
    // Whoever comes between this often does so on purpose.
    private const int Tries = 16;

    private const uint OwnerOnly = 0b110_000_000; // rw-------

    /// <summary>Listens. The file is for this user alone.</summary>
    /// <param name="endPoint">A path, or an abstract name, which has no file.</param>
    /// <param name="backlog">How many clients may wait to be accepted.</param>
    /// <param name="file">What is to be removed before the socket is closed; null for an abstract name.</param>
    /// <exception cref="BlockException">It cannot be done; with the errno, and what to do.</exception>
    public static Socket Open(UnixDomainSocketEndPoint endPoint, int backlog, out SocketFile? file)
    {
        file = null;
        if (IsAbstract(endPoint))
        {
            Errno error = Listen(endPoint, backlog, out Socket? named);
            return error == Errno.None ? named! : throw Listener.Failed(endPoint, error);
        }

        return SocketFile.NameBeside(endPoint.ToString()) is { } name && TryOpenBeside(endPoint, name, backlog, out file) is { } socket
            ? socket
            : OpenInPlace(endPoint, backlog, out file);
    }

    // Null where it cannot be done: in place it is tried once more, and what is said then is about the path that was asked for.
    private static Socket? TryOpenBeside(UnixDomainSocketEndPoint endPoint, string name, int backlog, out SocketFile? file)
    {
        file = null;
        string path = endPoint.ToString();
        if (Listen(new UnixDomainSocketEndPoint(name), backlog, out Socket? socket) != Errno.None)
        {
            _ = Libc.Unlink(name);
            return null;
        }

        try
        {
            file = new SocketFile(path, name);
            switch (Publish(name, path))
            {
                case Errno.None:
                    return socket;
                case Errno.EEXIST:
                    throw Listener.Failed(endPoint, Errno.EADDRINUSE);
                default:
                    _ = Libc.Unlink(name);
                    socket!.Dispose();
                    return null;
            }
        }
        catch
        {
            _ = Libc.Unlink(name);
            socket!.Dispose();
            throw;
        }
    }

    // Renamed and not linked: on some file systems a second name leads to another inode, where nobody listens.
    private static Errno Publish(string name, string path)
    {
        Errno error = Rename(name, path);
        if (error == Errno.EEXIST)
        {
            using FolderLock? held = FolderLock.Take(SocketFile.FolderOf(path));
            for (int i = 0; i < Tries && error == Errno.EEXIST && StaleSocket.TryClear(path, SocketFile.NameBeside(path)); i++)
            {
                error = Rename(name, path);
            }
        }

        return error;
    }

    private static Socket OpenInPlace(UnixDomainSocketEndPoint endPoint, int backlog, out SocketFile file)
    {
        string path = endPoint.ToString();
        using FolderLock? held = FolderLock.Take(SocketFile.FolderOf(path));
        Errno error = Listen(endPoint, backlog, out Socket? socket);
        if (error == Errno.EADDRINUSE && StaleSocket.TryClear(path, SocketFile.NameBeside(path)))
        {
            error = Listen(endPoint, backlog, out socket);
        }

        file = new SocketFile(path, path);
        return error == Errno.None ? socket! : throw Listener.Failed(endPoint, error);
    }

    // The mode before the name: nobody else can connect in between. .NET is not told of the name, since it would remove it.
    private static Errno Listen(UnixDomainSocketEndPoint place, int backlog, out Socket? socket)
    {
        var handle = new SafeSocketHandle(Libc.Socket(Libc.Unix, Libc.Stream, 0), ownsHandle: true);
        if (handle.IsInvalid || Libc.SetMode(handle, OwnerOnly) != 0 || Bind(handle, place) != 0 || Libc.Listen(handle, backlog) != 0)
        {
            Errno error = Libc.LastError;
            handle.Dispose();
            socket = null;
            return error;
        }

        socket = new Socket(handle);
        return Errno.None;
    }

    private static unsafe int Bind(SafeSocketHandle socket, UnixDomainSocketEndPoint place)
    {
        SocketAddress address = place.Serialize();
        fixed (byte* bytes = address.Buffer.Span)
        {
            return Libc.Bind(socket, bytes, (uint)address.Size);
        }
    }

    private static Errno Rename(string name, string path) => Libc.RenameNew(name, path) == 0 ? Errno.None : Libc.LastError;

    private static bool IsAbstract(UnixDomainSocketEndPoint endPoint) => endPoint.Serialize() is var address && (address.Size <= sizeof(short) || address[sizeof(short)] == 0);
}
