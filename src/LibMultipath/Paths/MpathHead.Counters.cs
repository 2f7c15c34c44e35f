namespace LibMultipath.Paths;

public sealed partial class MpathHead
{
    private long _requeuedForWantOfPath;
    private long _failedForWantOfPath;
    private long _failovers;
    private long _retries;
    private long _errors;

    /// <summary>I/Os that had to wait because no path was usable (<c>io_requeue_no_usable_path_count</c>).</summary>
    public long RequeueNoUsablePathCount => Volatile.Read(ref _requeuedForWantOfPath);

    /// <summary>I/Os that failed because no path was available (<c>io_fail_no_available_path_count</c>).</summary>
    public long FailNoAvailablePathCount => Volatile.Read(ref _failedForWantOfPath);

    /// <summary>What was submitted to the head so far.</summary>
    public IoStatistics Statistics => IoCounters.Read(Srcu);

    /// <summary>Attempts that ended in a failover, on all paths that the head has or had.</summary>
    public long FailoverCount => Volatile.Read(ref _failovers);

    /// <summary>Attempts that a path asked to have again, on all paths that the head has or had.</summary>
    public long RetryCount => Volatile.Read(ref _retries);

    /// <summary>Attempts whose I/O ended with an error, on all paths that the head has or had.</summary>
    public long ErrorCount => Volatile.Read(ref _errors);

    /// <summary>How many I/Os wait to be tried again. Exact when nothing changes meanwhile.</summary>
    public int WaitingCount => Volatile.Read(ref _disk)?.WaitingCount ?? 0;

    /// <summary>How many I/Os are with a path or wait for one. Exact when nothing changes meanwhile.</summary>
    public int InFlight => PathList.Sum(path => path.InFlight) + WaitingCount;

    internal void CountRequeued() => Interlocked.Increment(ref _requeuedForWantOfPath);

    internal void CountFailed() => Interlocked.Increment(ref _failedForWantOfPath);

    internal void CountFailover() => Interlocked.Increment(ref _failovers);

    internal void CountRetry() => Interlocked.Increment(ref _retries);

    internal void CountError() => Interlocked.Increment(ref _errors);

    internal void SetRequeueNoUsablePathCount(long count)
    {
        Volatile.Write(ref _requeuedForWantOfPath, count);
        Tell(HeadChange.RequeueNoUsablePathCount);
    }

    internal void SetFailNoAvailablePathCount(long count)
    {
        Volatile.Write(ref _failedForWantOfPath, count);
        Tell(HeadChange.FailNoAvailablePathCount);
    }
}
