using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.IoUring.Tests.Kit;

/// <summary>System calls that only tests make.</summary>
internal static unsafe partial class Native
{
    private const int ThreadCpu = 3; // CLOCK_THREAD_CPUTIME_ID
    private const int User1 = 10; // SIGUSR1
    private const int CloseOnExec = 0x80000;
    private const int Unix = 1; // AF_UNIX
    private const int Stream = 1; // SOCK_STREAM

    // For good: the runtime hears of a signal later than the thread, and one that nobody handles ends the process.
    private static readonly PosixSignalRegistration s_handler = PosixSignalRegistration.Create((PosixSignal)User1, context => context.Cancel = true);

    public static int ThreadId => GetThreadId();

    /// <summary>How long the calling thread has used a processor.</summary>
    public static TimeSpan ThreadProcessorTime
    {
        get
        {
            Check(GetTime(ThreadCpu, out Time time));
            return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000);
        }
    }

    public static Pipe Pipe()
    {
        int* ends = stackalloc int[2];
        Check(Pipe(ends, CloseOnExec));
        return Own(ends);
    }

    /// <summary>Two connected sockets.</summary>
    public static Pipe SocketPair()
    {
        int* ends = stackalloc int[2];
        Check(SocketPair(Unix, Stream, 0, ends));
        return Own(ends);
    }

    public static SafeFileHandle EventCounter() => new(Check(Interop.Libc.EventFd()), ownsHandle: true);

    /// <summary>Writes all of it.</summary>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            Assert.Equal(data.Length, (int)Write(file, start, (nuint)data.Length));
        }
    }

    /// <summary>Interrupts a system call of a thread of this process, if it is in one, or is still there.</summary>
    public static void Interrupt(int thread)
    {
        Assert.NotNull(s_handler);
        int result = SendSignal(Environment.ProcessId, thread, User1);
        Assert.True(result == 0 || Interop.Libc.LastError == Block.Errno.ESRCH);
    }

    /// <summary>Keeps memory from being swapped out.</summary>
    public static void Lock(byte* start, nuint length) => Check(LockMemory(start, length));

    /// <summary>How many of the pages of some memory exist.</summary>
    public static int PagesIn(byte* start, nuint length)
    {
        byte[] pages = new byte[(int)length / Environment.SystemPageSize];
        fixed (byte* first = pages)
        {
            Check(InCore(start, length, first));
        }

        return pages.Count(page => (page & 1) != 0);
    }

    private static Pipe Own(int* ends) => new(new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));

    private static int Check(int result) => result >= 0 ? result : throw new IOException(Marshal.GetLastPInvokeErrorMessage());

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out Time time);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPair(int domain, int type, int protocol, int* ends);

    [LibraryImport("libc", EntryPoint = "mlock", SetLastError = true)]
    private static partial int LockMemory(byte* start, nuint length);

    [LibraryImport("libc", EntryPoint = "mincore", SetLastError = true)]
    private static partial int InCore(byte* start, nuint length, byte* pages);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle file, byte* data, nuint length);

    [LibraryImport("libc", EntryPoint = "tgkill", SetLastError = true)]
    private static partial int SendSignal(int process, int thread, int signal);

    private readonly struct Time
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
