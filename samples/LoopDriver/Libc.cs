using System.Runtime.InteropServices;
using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>
/// The system calls of the driver. Each takes the handle and not its number: the marshaller holds the handle for as
/// long as the call lasts, so a descriptor that is closed meanwhile is closed when the call is over, and its number
/// cannot be another file's before. A call with a handle that is closed throws <see cref="ObjectDisposedException"/>.
/// </summary>
internal static unsafe partial class Libc
{
    public const int ReadOnly = 0; // O_RDONLY
    public const int ReadWrite = 2; // O_RDWR
    public const int Exclusive = 0x80; // O_EXCL: of a block device, for oneself
    public const int NonBlock = 0x800; // O_NONBLOCK
    public const int CloseOnExec = 0x80000; // O_CLOEXEC
    public const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    public const int DataSync = 2; // RWF_DSYNC
    public const int KeepSize = 1; // FALLOC_FL_KEEP_SIZE
    public const int PunchHole = 2; // FALLOC_FL_PUNCH_HOLE
    public const int ZeroRange = 0x10; // FALLOC_FL_ZERO_RANGE

    public const Errno IsDirectory = (Errno)21; // EISDIR

    /// <summary>O_DIRECT, one of the few flags that are not the same everywhere.</summary>
    public static int Direct => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x10000 : 0x4000;

    /// <summary>Why the last call on this thread failed.</summary>
    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    public static partial int Statx(SafeFileHandle file, byte* path, int flags, uint mask, out Statx result);

    [LibraryImport("libc", EntryPoint = "preadv2", SetLastError = true)]
    public static partial nint Read(SafeFileHandle file, IoVector* vectors, int count, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "pwritev2", SetLastError = true)]
    public static partial nint Write(SafeFileHandle file, IoVector* vectors, int count, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);
}
