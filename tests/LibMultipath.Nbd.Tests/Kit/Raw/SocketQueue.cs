using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace LibMultipath.Nbd.Tests.Kit.Raw;

/// <summary>What was sent over a socket, and the other side has not taken yet.</summary>
internal static partial class SocketQueue
{
    private const nuint SioCoutQ = 0x5411;

    /// <summary>Waits until the other side has taken everything.</summary>
    public static void AwaitTaken(Socket socket) =>
        Eventually.True(() => Control(socket.SafeHandle, SioCoutQ, out int left) == 0 && left == 0, "the other side to take what was sent");

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeHandle socket, nuint request, out int left);
}
