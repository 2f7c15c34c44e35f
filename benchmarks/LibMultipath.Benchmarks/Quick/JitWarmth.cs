using System.Diagnostics;
using System.Runtime;

namespace LibMultipath.Benchmarks.Quick;

/// <summary>Knows when the compiler is done.</summary>
internal static class JitWarmth
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(8);

    /// <summary>
    /// Runs something again and again until nothing has been compiled for a while: everything that is called often is
    /// at the highest tier then. Each pass leaves the compiler's thread the time that it waits for.
    /// </summary>
    public static void Reach(Action run)
    {
        long begin = Stopwatch.GetTimestamp();
        long last = begin;
        long compiled = -1;
        while (Stopwatch.GetElapsedTime(last) < s_quiet && Stopwatch.GetElapsedTime(begin) < s_longest)
        {
            run();
            Thread.Sleep(10);
            long now = JitInfo.GetCompiledMethodCount();
            if (now != compiled)
            {
                compiled = now;
                last = Stopwatch.GetTimestamp();
            }
        }
    }
}
