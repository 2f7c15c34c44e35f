namespace LibMultipath.Paths;

public sealed partial class MpathHead
{
    private long _requeuedForWantOfPath;
    private long _failedForWantOfPath;

    /// <summary>I/Os that had to wait because no path was usable (<c>io_requeue_no_usable_path_count</c>).</summary>
    public long RequeueNoUsablePathCount => Volatile.Read(ref _requeuedForWantOfPath);

    /// <summary>I/Os that failed because no path was available (<c>io_fail_no_available_path_count</c>).</summary>
    public long FailNoAvailablePathCount => Volatile.Read(ref _failedForWantOfPath);

    /// <summary>What was submitted to the head so far.</summary>
    public IoStatistics Statistics => IoCounters.Read(Srcu);

    /// <summary>How many I/Os wait to be tried again. Exact when nothing changes meanwhile.</summary>
    public int WaitingCount => Volatile.Read(ref _disk)?.WaitingCount ?? 0;

    /// <summary>How many I/Os are with a path or wait for one. Exact when nothing changes meanwhile.</summary>
    public int InFlight => PathList.Sum(path => path.InFlight) + WaitingCount;

    internal void CountRequeued() => Interlocked.Increment(ref _requeuedForWantOfPath);

    internal void CountFailed() => Interlocked.Increment(ref _failedForWantOfPath);
}
