using System.Runtime.InteropServices;
using LibMultipath.Block;

namespace LibMultipath.RingBuffer.Interop;

/// <summary>The system calls of this package. Each that takes a handle has it held by the marshaller for as long as the call lasts.</summary>
internal static unsafe partial class Libc
{
    public const int NoAccess = 0; // PROT_NONE
    public const int Read = 1; // PROT_READ
    public const int ReadWrite = 3; // PROT_READ | PROT_WRITE
    public const int Shared = 0x01; // MAP_SHARED
    public const int Fixed = 0x10; // MAP_FIXED
    public const int PrivateAnonymous = 0x22; // MAP_PRIVATE | MAP_ANONYMOUS
    public const int NoReserve = 0x4000; // MAP_NORESERVE
    public const int Populate = 0x8000; // MAP_POPULATE

    /// <summary>Why the last call on this thread failed.</summary>
    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial nint Reserve(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial nint Map(nint address, nuint length, int protection, int flags, SafeHandle file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(nint address, nuint length);
}
