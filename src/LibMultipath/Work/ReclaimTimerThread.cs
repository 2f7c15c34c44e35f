using System.Diagnostics;

namespace LibMultipath.Work;

/// <summary>
/// The thread of the <see cref="ReclaimTimer"/>s of the system's time. It starts with the first timer that is set, and
/// sleeps until the next one is due. Setting one costs a lock and is linear in the number of timers that are set, of which
/// there is one a head or controller that does not work.
/// </summary>
internal static class ReclaimTimerThread
{
    private static readonly Dictionary<ReclaimTimer, long> s_due = [];
    private static readonly object s_gate = new();
    private static bool s_started;

    /// <summary>As <see cref="ReclaimTimer.Set"/>.</summary>
    public static void Set(ReclaimTimer timer, TimeSpan due)
    {
        lock (s_gate)
        {
            if (due == Timeout.InfiniteTimeSpan)
            {
                s_due.Remove(timer);
                return;
            }

            s_due[timer] = Stopwatch.GetTimestamp() + (long)(due.TotalSeconds * Stopwatch.Frequency);
            if (!s_started)
            {
                new Thread(Serve) { IsBackground = true, Name = "mpath-timer" }.UnsafeStart();
                s_started = true;
            }

            Monitor.Pulse(s_gate);
        }
    }

    private static void Serve()
    {
        while (true)
        {
            NextDue().Fire();
        }
    }

    private static ReclaimTimer NextDue()
    {
        lock (s_gate)
        {
            while (true)
            {
                if (s_due.Count == 0)
                {
                    Monitor.Wait(s_gate);
                    continue;
                }

                (ReclaimTimer timer, long due) = s_due.MinBy(each => each.Value);
                TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                if (left <= TimeSpan.Zero)
                {
                    s_due.Remove(timer);
                    return timer;
                }

                // Waking too early would be waking for nothing; too long a sleep is none.
                Monitor.Wait(s_gate, (int)Math.Min(Math.Ceiling(left.TotalMilliseconds), int.MaxValue));
            }
        }
    }
}
