using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.IoUring.Abi;

namespace LibMultipath.IoUring.Interop;

/// <summary>The system calls of this package. Those of io_uring have no wrapper in the C library; their numbers are the same on every architecture.</summary>
internal static unsafe partial class Libc
{
    public const int Read = 1; // PROT_READ
    public const int ReadWrite = 3; // PROT_READ | PROT_WRITE
    public const int Shared = 0x01; // MAP_SHARED
    public const int PrivateAnonymous = 0x22; // MAP_PRIVATE | MAP_ANONYMOUS
    public const int Populate = 0x8000; // MAP_POPULATE
    public const int DontNeed = 4; // MADV_DONTNEED
    public const int NoHugePage = 15; // MADV_NOHUGEPAGE
    public const int DontNeedLocked = 24; // MADV_DONTNEED_LOCKED
    public const int MoveTo = 3; // MREMAP_MAYMOVE | MREMAP_FIXED

    private const int EfdNonBlock = 0x800;
    private const int EfdCloseOnExec = 0x80000;
    private const nint SysIoUringSetup = 425;
    private const nint SysIoUringEnter = 426;
    private const nint SysIoUringRegister = 427;

    /// <summary>Why the last call on this thread failed.</summary>
    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    public static int Setup(uint entries, io_uring_params* parameters) =>
        (int)Call(SysIoUringSetup, (nint)entries, (nint)parameters, 0, 0, 0, 0);

    public static int Enter(int ring, uint submit, uint complete, uint flags, void* argument, nuint size) =>
        (int)Call(SysIoUringEnter, ring, (nint)submit, (nint)complete, (nint)flags, (nint)argument, (nint)size);

    public static int Register(int ring, RegisterOp operation, void* argument, uint count) =>
        (int)Call(SysIoUringRegister, ring, (nint)operation, (nint)argument, (nint)count, 0, 0);

    public static int EventFd() => EventFd(0, EfdNonBlock | EfdCloseOnExec);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "mremap", SetLastError = true)]
    public static partial nint Remap(nint address, nuint length, nuint newLength, int flags, nint newAddress);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    public static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int file, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint a, nint b, nint c, nint d, nint e, nint f);
}
