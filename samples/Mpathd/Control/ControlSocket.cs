using System.Net.Sockets;

namespace Mpathd.Control;

/// <summary>
/// A control socket that this process listens on: only its user can reach it. That it is in use is told by the lock of
/// a file beside it, which goes with the process however that ends; so what a dead daemon has left is replaced, and a
/// living one is refused, even when two start at the same moment.
/// </summary>
internal sealed class ControlSocket : IDisposable
{
    private const int WouldBlock = 11; // EWOULDBLOCK
    private const uint OwnerOnly = 0x180; // 0600
    private const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Who could open it could lock it.
    private static readonly FileStreamOptions s_lock = new()
    {
        Mode = FileMode.OpenOrCreate,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    };

    private readonly Socket _socket;
    private readonly FileStream _lock;

    private ControlSocket(string path, Socket socket, FileStream @lock)
    {
        Path = path;
        _socket = socket;
        _lock = @lock;
    }

    /// <summary>Its name.</summary>
    public string Path { get; }

    /// <summary>The name of the lock that tells that a socket is a daemon's.</summary>
    public static string LockOf(string path) => path + ".lock";

    /// <summary>Makes the socket.</summary>
    /// <param name="path">A full path. Its folder is made if there is none, for this user alone.</param>
    /// <exception cref="MpathdException">The name is in use, or not safe to use.</exception>
    public static ControlSocket Listen(string path)
    {
        EnsureFolder(System.IO.Path.GetDirectoryName(path)!);
        FileStream @lock = TakeLock(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            RemoveStale(path);

            // The mode before the name: nobody else can connect in between.
            if (Libc.ChangeMode(socket.SafeHandle, OwnerOnly) != 0)
            {
                throw new IOException(Libc.LastErrorMessage);
            }

            socket.Bind(new UnixDomainSocketEndPoint(path));
            socket.Listen();
            return new ControlSocket(path, socket, @lock);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            LetGo(path, @lock);
            if (exception is SocketException or IOException or UnauthorizedAccessException)
            {
                throw CannotBeMade(path, exception);
            }

            throw;
        }
    }

    /// <summary>Waits for the next client.</summary>
    public ValueTask<Socket> AcceptAsync(CancellationToken cancellationToken) => _socket.AcceptAsync(cancellationToken);

    /// <summary>Takes the name away, then lets the next daemon have it.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        if (Directory.Exists(System.IO.Path.GetDirectoryName(Path)))
        {
            File.Delete(Path);
        }

        LetGo(Path, _lock);
    }

    // The name first: who finds it locked waits for nobody.
    private static void LetGo(string path, FileStream @lock)
    {
        using (@lock)
        {
            if (Directory.Exists(System.IO.Path.GetDirectoryName(path)))
            {
                File.Delete(LockOf(path));
            }
        }
    }

    private static void EnsureFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder, OwnerFolder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CannotBeMade(folder, exception);
        }

        uint user = Libc.EffectiveUser();
        if (FileFacts.Of(folder, follow: true) is not { IsFolder: true } facts || (facts.User != user && facts.User != 0) || facts.IsWrittenByOthers)
        {
            throw MpathdException.SystemLacks(
                $"{folder} is no folder that you alone may write, and so not safe for a control socket", "name a socket in a folder of yours with --control");
        }
    }

    // Whoever holds the lock of the file that has the name is the daemon. One that was locked when its name had been
    // taken away is nobody's.
    private static FileStream TakeLock(string path)
    {
        string name = LockOf(path);
        while (true)
        {
            FileStream file;
            try
            {
                file = new FileStream(name, s_lock);
            }
            catch (IOException exception) when (exception.HResult == WouldBlock)
            {
                throw InUse(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw CannotBeMade(name, exception);
            }

            FileFacts? there = FileFacts.Of(name, follow: false);
            if (there is { IsRegular: false })
            {
                file.Dispose();
                throw MpathdException.SystemLacks($"{name} is there, and no lock of a daemon", "remove it, or name another socket with --control");
            }

            if (there is { } named
                && FileFacts.Of($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}", follow: true) is { } locked
                && named.Inode == locked.Inode)
            {
                return file;
            }

            file.Dispose();
        }
    }

    private static void RemoveStale(string path)
    {
        if (FileFacts.Of(path, follow: false) is not { } facts)
        {
            return;
        }

        if (!facts.IsSocket)
        {
            throw MpathdException.SystemLacks($"{path} is there, and no socket", "name another one with --control, or remove it");
        }

        if (facts.User != Libc.EffectiveUser())
        {
            throw MpathdException.SystemLacks($"{path} belongs to another user", "name another socket with --control");
        }

        if (IsListenedTo(path))
        {
            throw InUse(path);
        }

        File.Delete(path);
    }

    private static bool IsListenedTo(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Blocking = false;
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException exception)
        {
            // One whose queue is full is alive as well.
            return exception.SocketErrorCode != SocketError.ConnectionRefused;
        }
    }

    private static MpathdException InUse(string path) => MpathdException.SystemLacks(
        $"another daemon has the control socket {path}", $"end it with mpathd stop --control {path}, or name another socket with --control");

    private static MpathdException CannotBeMade(string path, Exception exception) => MpathdException.SystemLacks(
        $"{path} cannot be made: {exception.Message}", "name a socket in a folder of yours with --control", exception);
}
