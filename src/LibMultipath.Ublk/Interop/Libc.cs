using System.Runtime.InteropServices;
using LibMultipath.Block;

namespace LibMultipath.Ublk.Interop;

/// <summary>The system calls of this package. Each that takes a handle has it held by the marshaller for as long as the call lasts.</summary>
internal static unsafe partial class Libc
{
    private const int SetFlusher = 57; // PR_SET_IO_FLUSHER

    /// <summary>Why the last call on this thread failed.</summary>
    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>Makes the calling thread one that gets memory without waiting for I/O, as it is what I/O waits for.</summary>
    public static bool SetIoFlusher() => Control(SetFlusher, 1, 0, 0, 0) == 0;

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static partial nint Read(SafeHandle file, void* buffer, nuint length, long position);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint Write(SafeHandle file, void* buffer, nuint length, long position);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    public static partial int SetAffinity(int thread, nuint size, byte* mask);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nuint a, nuint b, nuint c, nuint d);
}
