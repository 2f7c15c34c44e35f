using System.Runtime.InteropServices;
using LibMultipath.Block;

namespace LibMultipath.Nbd.Interop;

/// <summary>
/// What .NET cannot: send memory of any kind, gathered, without waiting; have a socket block again that did not; ask whether a
/// peer is there without reading; tell a socket's file from another, and give it to exactly one server.
/// </summary>
internal static unsafe partial class Libc
{
    /// <summary><c>MSG_DONTWAIT | MSG_NOSIGNAL</c>.</summary>
    public const int DontWait = 0x40 | 0x4000;

    private const int GetFlags = 3; // F_GETFL
    private const int SetFlags = 4; // F_SETFL
    private const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC
    private const int NonBlocking = 0x800; // O_NONBLOCK

    /// <summary>Why the last call on this thread failed.</summary>
    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint Send(SafeHandle socket, msghdr* message, int flags);

    /// <summary>Another descriptor of a socket, whose calls block in the kernel.</summary>
    /// <returns>The descriptor; -1 if there is none, with <see cref="LastError"/>.</returns>
    public static nint DuplicateBlocking(SafeHandle socket)
    {
        nint copy = Control(socket, DuplicateCloseOnExec, 0);
        int flags = copy < 0 ? -1 : Control(socket, GetFlags, 0);
        return flags < 0 || Control(socket, SetFlags, flags & ~NonBlocking) < 0 ? -1 : copy;
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(pollfd* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(int directory, string path, int flags, uint mask, statx* result);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeHandle file, int command, nint argument);
}
