using System.Globalization;
using System.Net.Sockets;
using LibMultipath.Block;
using LibMultipath.Nbd.Connections;

namespace LibMultipath.Nbd.Client;

/// <summary>
/// The process that listened on the other side of a Unix socket: whether it is gone for sure, so that it carries nothing out
/// any more.
/// </summary>
internal sealed class PeerProcess
{
    // Of /proc/PID/stat, counted from what follows the name: the state, the number of threads, the start.
    private const int StateField = 0;
    private const int ThreadsField = 17;
    private const int StartField = 19;

    private readonly int _pid;
    private readonly string _start;

    private PeerProcess(int pid, string start)
    {
        _pid = pid;
        _start = start;
    }

    /// <summary>Whose it is.</summary>
    /// <param name="socket">Connected.</param>
    /// <returns>Null if that cannot be known: it is on another machine, say, or who listened has gone and left it to others.</returns>
    public static PeerProcess? Of(Socket socket) =>
        PeerCredentials.Of(socket) is { Process: int pid } && Look(pid) is { IsThere: true, IsOver: false } look ? new PeerProcess(pid, look.Start) : null;

    /// <summary>Whether it has ended for sure, with all its threads. Does not block.</summary>
    public bool IsGone
    {
        get
        {
            (bool IsThere, bool IsOver, string Start)? look = Look(_pid);
            return look is { } seen && (!seen.IsThere || seen.IsOver || seen.Start != _start);
        }
    }

    // A process that is killed is a zombie while its other threads may still be in a system call.
    // Null if it cannot be known: no descriptor is left to look with, say, or nobody may look.
    private static (bool IsThere, bool IsOver, string Start)? Look(int pid)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (true, fields[StateField] is ("Z" or "X") && fields[ThreadsField] is ("0" or "1"), fields[StartField]);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return (false, true, "");
        }
        catch (IOException exception) when ((exception.HResult & 0xffff) == (int)Errno.ESRCH)
        {
            // It has ended between the opening and the reading.
            return (false, true, "");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
