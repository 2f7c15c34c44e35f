using System.Runtime.InteropServices;
using LibMultipath.Block;

namespace LibMultipath.Nbd.Interop;

/// <summary>What .NET's sockets cannot: send memory of any kind, gathered, without waiting.</summary>
internal static unsafe partial class Libc
{
    /// <summary><c>MSG_DONTWAIT | MSG_NOSIGNAL</c>.</summary>
    public const int DontWait = 0x40 | 0x4000;

    /// <summary>Why the last call on this thread failed.</summary>
    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint Send(SafeHandle socket, msghdr* message, int flags);
}
