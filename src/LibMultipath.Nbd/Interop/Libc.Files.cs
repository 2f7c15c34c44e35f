using System.Runtime.InteropServices;
using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Nbd.Interop;

// Sockets that have files, and the files. A socket that .NET binds is one whose file .NET removes, whoever's it is by then.
internal static unsafe partial class Libc
{
    /// <summary><c>AF_UNIX</c>.</summary>
    public const int Unix = 1;

    /// <summary><c>SOCK_STREAM | SOCK_CLOEXEC</c>.</summary>
    public const int Stream = 1 | CloseOnExec;

    /// <summary><c>O_CLOEXEC</c>; by itself <c>O_RDONLY | O_CLOEXEC</c>.</summary>
    public const int CloseOnExec = 0x80000;

    /// <summary><c>LOCK_EX | LOCK_NB</c>.</summary>
    public const int LockNow = 2 | 4;

    private const uint NoReplace = 1; // RENAME_NOREPLACE

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial nint Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(SafeHandle socket, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    public static partial int Listen(SafeHandle socket, int backlog);

    /// <summary>Before a socket is bound it sets the mode of the file that it will have.</summary>
    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    public static partial int SetMode(SafeHandle file, uint mode);

    /// <summary>Gives a file another name as well; <see cref="Errno.EEXIST"/> if that is taken.</summary>
    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Link(string file, string name);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(string file, string name);

    /// <summary>Gives a file another name; <see cref="Errno.EEXIST"/> if that is taken.</summary>
    public static int RenameNew(string file, string name) => Rename(statx.HereDirectory, file, statx.HereDirectory, name, NoReplace);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(string file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SafeFileHandle Open(string file, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(SafeHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(int folder, string file, int nameFolder, string name, uint flags);
}
