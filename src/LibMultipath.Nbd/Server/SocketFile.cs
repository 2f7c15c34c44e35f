using System.Net.Sockets;
using LibMultipath.Block;
using LibMultipath.Nbd.Interop;

namespace LibMultipath.Nbd.Server;

/// <summary>The file of a Unix socket: it outlives a server that was killed, and must not be taken from one that lives.</summary>
internal static class SocketFile
{
    /// <summary>Takes the file of a dead server away. One that lives, and a file that is no socket, are left alone.</summary>
    /// <returns>False if the file is in use.</returns>
    public static bool TryClear(UnixDomainSocketEndPoint endPoint)
    {
        string path = endPoint.ToString();
        if (!IsSocket(path) || Answers(endPoint))
        {
            return false;
        }

        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BlockException(Errno.EACCES, $"the socket {path} of a server that has ended cannot be removed: {exception.Message} Remove it, or listen elsewhere", exception);
        }
    }

    private static unsafe bool IsSocket(string path)
    {
        statx file = default;
        return Libc.Statx(statx.HereDirectory, path, statx.NoFollow, statx.Type, &file) == 0 && file.IsSocket;
    }

    // Whoever listens there answers, or has no room for another client: that is an answer too.
    private static bool Answers(UnixDomainSocketEndPoint endPoint)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(endPoint);
            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode is not (SocketError.ConnectionRefused or SocketError.AddressNotAvailable);
        }
    }
}
