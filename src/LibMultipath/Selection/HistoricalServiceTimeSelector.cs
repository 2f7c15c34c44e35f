using LibMultipath.Block;

namespace LibMultipath.Selection;

/// <summary>
/// <c>historical-service-time</c>, after dm-multipath's (dm-historical-service-time, 2020): the path on which this I/O would
/// end first, if each that is in flight took as long as those before. A service time is what an I/O would have taken alone: its
/// duration, shared among those that the path had at its end.
/// </summary>
internal sealed class HistoricalServiceTimeSelector(long window, long probeMilliseconds) : LeastSelector(SelectorName), IMpathSelectorFeedback
{
    public const string SelectorName = "historical-service-time";

    private const string Window = "window";
    private readonly PathTable<History> _histories = new();

    public static SelectorDefinition Definition { get; } = new(
        SelectorName,
        "the path on which I/O ends first, by smoothed service times (dm-historical-service-time)",
        [new SelectorParameter(Window, "how many I/Os a service time is smoothed over", 16, 1, 65_536), Probe.Parameter],
        static values => new HistoricalServiceTimeSelector(values[Window], values[Probe.Key]));

    public void Started(PathView path, long bytes) => Interlocked.Increment(ref _histories[path].Outstanding);

    public void Ended(PathView path, long bytes, TimeSpan duration, BlockStatus status)
    {
        ref History history = ref _histories[path];
        int sharing = Interlocked.Decrement(ref history.Outstanding) + 1;
        if (status != BlockStatus.Ok)
        {
            return;
        }

        // Of two ends at once one may not count: there are more to come.
        double served = Math.Max(1, duration.Ticks) / (double)Math.Max(1, sharing);
        double old = Volatile.Read(ref history.ServiceTime);
        Volatile.Write(ref history.ServiceTime, old == 0 ? served : old + ((served - old) / window));
        Volatile.Write(ref history.LastUsed, Environment.TickCount64);
    }

    // As long as nothing is known of one of them, what is in flight decides: it is tried, but not by everybody at once.
    protected override int Compare(PathView path, PathView best, in SelectContext context)
    {
        ref History history = ref _histories[path];
        ref History bestHistory = ref _histories[best];
        double served = Volatile.Read(ref history.ServiceTime);
        double bestServed = Volatile.Read(ref bestHistory.ServiceTime);
        return served == 0 || bestServed == 0
            ? Cost(ref history, 1).CompareTo(Cost(ref bestHistory, 1))
            : Cost(ref history, served).CompareTo(Cost(ref bestHistory, bestServed));
    }

    protected override int Chosen(PathView path)
    {
        // One I/O is enough to find out.
        ref History history = ref _histories[path];
        if (Volatile.Read(ref history.Outstanding) == 0)
        {
            Volatile.Write(ref history.LastUsed, Environment.TickCount64);
        }

        return path.ControllerId;
    }

    private double Cost(ref History history, double served)
    {
        int outstanding = Volatile.Read(ref history.Outstanding);
        long lastUsed = Volatile.Read(ref history.LastUsed);

        // One that was never tried, or not for long, is tried.
        return outstanding == 0 && (lastUsed == 0 || Probe.IsDue(lastUsed, probeMilliseconds))
            ? -1
            : served * (outstanding + 1);
    }

    private struct History
    {
        /// <summary>In units of 100 ns; 0 before the first measurement.</summary>
        public double ServiceTime;

        /// <summary>When it was last chosen idle, or an I/O ended, in milliseconds.</summary>
        public long LastUsed;

        public int Outstanding;
    }
}
