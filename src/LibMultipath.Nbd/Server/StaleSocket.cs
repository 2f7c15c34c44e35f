using System.Net.Sockets;
using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.Nbd.Interop;

namespace LibMultipath.Nbd.Server;

/// <summary>The file of a Unix socket outlives a server that was killed. It must not be taken from one that lives.</summary>
internal static class StaleSocket
{
    /// <summary>
    /// Takes the file of a dead server away. One that lives, and a file that is no socket, are left alone. Who calls holds the
    /// <see cref="FolderLock"/>, if it can be had.
    /// </summary>
    /// <param name="path">The file; there may be none any more.</param>
    /// <param name="aside">A name in the same folder that nobody else uses; null if none is short enough.</param>
    /// <returns>False if the file is in use.</returns>
    /// <exception cref="BlockException">It cannot be removed.</exception>
    public static bool TryClear(string path, string? aside)
    {
        if (!IsDead(path))
        {
            return !statx.TryLook(path, out _);
        }

        return aside is null ? TryDelete(path) : TryDeleteAside(path, aside);
    }

    /// <summary>
    /// Takes away what was found dead. A server that knows nothing of the lock may have taken the place since: so the file is
    /// moved, looked at once more, and given back if it is in use.
    /// </summary>
    /// <returns>False if the file is in use.</returns>
    public static bool TryDeleteAside(string path, string aside)
    {
        if (Libc.Rename(path, aside) != 0)
        {
            return Libc.LastError == Errno.ENOENT ? true : throw Failed(path);
        }

        if (IsDead(aside))
        {
            return TryDelete(aside);
        }

        if (Libc.RenameNew(aside, path) != 0 && Libc.LastError != Errno.EEXIST && Libc.Link(aside, path) == 0)
        {
            _ = Libc.Unlink(aside);
        }

        return false;
    }

    private static bool TryDelete(string path) =>
        Libc.Unlink(path) == 0 || Libc.LastError == Errno.ENOENT ? true : throw Failed(path);

    private static bool IsDead(string path) => statx.TryLook(path, out statx file) && file.IsSocket && !Answers(path);

    // Whoever listens there answers, or has no room for another client: that is an answer too.
    private static bool Answers(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode is not (SocketError.ConnectionRefused or SocketError.AddressNotAvailable);
        }
    }

    private static BlockException Failed(string path) => new(
        Errno.EACCES,
        $"the socket {path} of a server that has ended cannot be removed: {Marshal.GetPInvokeErrorMessage((int)Libc.LastError)}. Remove it, or listen elsewhere");
}
