using System.Runtime.InteropServices;

namespace Mpathd;

/// <summary>The system calls that .NET has no name for.</summary>
internal static unsafe partial class Libc
{
    public const int LockCurrent = 1; // MCL_CURRENT
    public const int LockFuture = 2; // MCL_FUTURE
    public const int LockOnFault = 4; // MCL_ONFAULT
    public const int MemoryLockLimit = 8; // RLIMIT_MEMLOCK
    public const ulong Unlimited = ulong.MaxValue; // RLIM_INFINITY

    private const short Error = 0x8; // POLLERR
    private const short HungUp = 0x10; // POLLHUP

    /// <summary>Why the last call on this thread failed, in words.</summary>
    public static string LastErrorMessage => Marshal.GetLastPInvokeErrorMessage();

    /// <summary>Whether nobody is at the other end of a descriptor any more.</summary>
    public static bool HasHungUp(int descriptor)
    {
        var watched = new Watched { Descriptor = descriptor };
        return Poll(&watched, 1, 0) > 0 && (watched.Found & (Error | HungUp)) != 0;
    }

    /// <summary>The user that this process acts as.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(SafeHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "mlockall", SetLastError = true)]
    public static partial int LockAll(int flags);

    /// <summary>The limit now, and the highest that it can be set to.</summary>
    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    public static partial int GetLimit(int resource, ulong* limits);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(int folder, string path, int flags, uint mask, FileFacts* result);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(Watched* watched, nuint count, int milliseconds);

    // struct pollfd
    private struct Watched
    {
        public int Descriptor;
        public short Events;
        public short Found;
    }
}
