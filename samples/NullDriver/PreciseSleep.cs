using System.Runtime.InteropServices;

namespace NullDriver;

/// <summary>
/// Sleeps to within a few microseconds and without spinning, which no .NET timer does: the kernel's high-resolution
/// timers can, once the thread has given up the 50 µs by which they may be late to save wake-ups.
/// </summary>
internal static partial class PreciseSleep
{
    private const int TimerSlack = 29; // PR_SET_TIMERSLACK
    private const int Monotonic = 1; // CLOCK_MONOTONIC
    private const int Absolute = 1; // TIMER_ABSTIME

    /// <summary>Called once by a thread that is going to sleep. A kernel that refuses only makes it less precise.</summary>
    public static void PrepareThread() => SetThreadOption(TimerSlack, 1);

    /// <summary>Sleeps until a timestamp of <see cref="System.Diagnostics.Stopwatch"/>, which on Linux counts the nanoseconds of the monotonic clock.</summary>
    public static void Until(long timestamp)
    {
        var time = new TimeSpec(timestamp / 1_000_000_000, timestamp % 1_000_000_000);

        // Interrupted by a signal, it is called again: the time is an absolute one.
        while (ClockNanosleep(Monotonic, Absolute, time, 0) == 4)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int ClockNanosleep(int clock, int flags, in TimeSpec time, nint remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int SetThreadOption(int option, nuint value);

    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
