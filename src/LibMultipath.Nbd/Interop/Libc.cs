using System.Runtime.InteropServices;
using LibMultipath.Block;

namespace LibMultipath.Nbd.Interop;

/// <summary>What .NET cannot: send memory of any kind, gathered, without waiting; ask whether a peer is there without reading; tell a socket's file from another.</summary>
internal static unsafe partial class Libc
{
    /// <summary><c>MSG_DONTWAIT | MSG_NOSIGNAL</c>.</summary>
    public const int DontWait = 0x40 | 0x4000;

    /// <summary>Why the last call on this thread failed.</summary>
    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint Send(SafeHandle socket, msghdr* message, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(pollfd* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(int directory, string path, int flags, uint mask, statx* result);
}
