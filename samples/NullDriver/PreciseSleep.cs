using System.Diagnostics;
using System.Runtime.InteropServices;

namespace NullDriver;

/// <summary>
/// Sleeps to within a few microseconds, which no .NET timer does. The kernel's high-resolution timers do, once the
/// thread has given up the 50 µs by which they may be late to save wake-ups; the 20 µs that a wake-up takes all the
/// same are slept less, and spun if it took less.
/// </summary>
internal static partial class PreciseSleep
{
    private const int TimerSlack = 29; // PR_SET_TIMERSLACK
    private const int Monotonic = 1; // CLOCK_MONOTONIC
    private const int Absolute = 1; // TIMER_ABSTIME
    private const int Interrupted = 4; // EINTR
    private const long WakeUp = 20_000;

    /// <summary>Called once by a thread that is going to sleep. A kernel that refuses only makes it less precise.</summary>
    public static void PrepareThread() => SetThreadOption(TimerSlack, 1);

    /// <summary>Sleeps until a timestamp of <see cref="Stopwatch"/>, which on Linux counts the nanoseconds of the monotonic clock.</summary>
    public static void Until(long timestamp)
    {
        long wake = timestamp - WakeUp;
        var time = new TimeSpec(wake / 1_000_000_000, wake % 1_000_000_000);
        while (Stopwatch.GetTimestamp() < wake && ClockNanosleep(Monotonic, Absolute, time, 0) == Interrupted)
        {
        }

        while (Stopwatch.GetTimestamp() < timestamp)
        {
            Thread.SpinWait(10);
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int ClockNanosleep(int clock, int flags, in TimeSpec time, nint remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int SetThreadOption(int option, nuint value);

    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
