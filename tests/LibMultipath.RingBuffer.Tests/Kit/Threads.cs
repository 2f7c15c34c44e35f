using System.Globalization;
using System.Runtime.InteropServices;
using LibMultipath.RingBuffer.Interop;

namespace LibMultipath.RingBuffer.Tests.Kit;

/// <summary>The kernel's view of this process's threads. A thread that was woken does not sleep any more when the call that wakes returns.</summary>
internal static partial class Threads
{
    private static readonly string s_number = Futex.Number.ToString(CultureInfo.InvariantCulture);

    public static int Current => GetThreadId();

    /// <summary>How much of a processor the calling thread has used.</summary>
    public static unsafe TimeSpan Used
    {
        get
        {
            long* time = stackalloc long[2];
            Assert.Equal(0, GetTime(3, time)); // CLOCK_THREAD_CPUTIME_ID
            return TimeSpan.FromSeconds(time[0]) + TimeSpan.FromMicroseconds(time[1] / 1000.0);
        }
    }

    /// <summary>Whether a thread sleeps on memory that processes share.</summary>
    public static bool SleepsOnSharedMemory(int thread)
    {
        try
        {
            // The number of the call, and its arguments; "running" of a thread that sleeps nowhere. The runtime's own waits are private.
            string[] call = File.ReadAllText($"/proc/self/task/{thread}/syscall").Split(' ');
            return call.Length > 2 && call[0] == s_number && call[2] == "0x0";
        }
        catch (IOException)
        {
            // It has ended.
            return false;
        }
    }

    public static bool AnySleepsOnSharedMemory() =>
        Directory.EnumerateDirectories("/proc/self/task").Any(task => SleepsOnSharedMemory(int.Parse(Path.GetFileName(task), null)));

    /// <summary>Whether a thread waits for one descriptor, for ever: the runtime's own waits have many, or an end.</summary>
    public static bool AnyPolls() => Directory.EnumerateDirectories("/proc/self/task").Any(static task =>
    {
        try
        {
            string[] call = File.ReadAllText($"{task}/syscall").Split(' ');
            return call.Length > 3 && call[0] is "7" or "73" && call[2] == "0x1"; // poll, ppoll of arm64
        }
        catch (IOException)
        {
            return false;
        }
    });

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static unsafe partial int GetTime(int clock, long* time);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();
}
