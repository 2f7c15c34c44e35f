namespace LibMultipath.Paths;

public sealed partial class MpathHead
{
    private long _requeuedForWantOfPath;
    private long _failedForWantOfPath;

    // Of the paths that were removed, under the lock: what a head has counted does not leave with a path.
    private (long Failovers, long Retries, long Errors) _ofRemoved;

    /// <summary>I/Os that had to wait because no path was usable (<c>io_requeue_no_usable_path_count</c>).</summary>
    public long RequeueNoUsablePathCount => Volatile.Read(ref _requeuedForWantOfPath);

    /// <summary>I/Os that failed because no path was available (<c>io_fail_no_available_path_count</c>).</summary>
    public long FailNoAvailablePathCount => Volatile.Read(ref _failedForWantOfPath);

    /// <summary>What was submitted to the head so far.</summary>
    public IoStatistics Statistics => IoCounters.Read(Srcu);

    /// <summary>Attempts that ended in a failover, on all paths that the head has or had.</summary>
    public long FailoverCount => SumFaults().Failovers;

    /// <summary>Attempts that a path asked to have again, on all paths that the head has or had.</summary>
    public long RetryCount => SumFaults().Retries;

    /// <summary>Attempts whose I/O ended with an error, on all paths that the head has or had.</summary>
    public long ErrorCount => SumFaults().Errors;

    /// <summary>How many I/Os wait to be tried again. Exact when nothing changes meanwhile.</summary>
    public int WaitingCount => Volatile.Read(ref _disk)?.WaitingCount ?? 0;

    /// <summary>How many I/Os are with a path or wait for one. Exact when nothing changes meanwhile.</summary>
    public int InFlight => PathList.Sum(path => path.InFlight) + WaitingCount;

    private (long Failovers, long Retries, long Errors) SumFaults()
    {
        lock (_lock)
        {
            (long Failovers, long Retries, long Errors) sum = _ofRemoved;
            foreach (MpathDevice path in _paths)
            {
                sum = AddFaults(sum, path);
            }

            return sum;
        }
    }

    private static (long Failovers, long Retries, long Errors) AddFaults((long Failovers, long Retries, long Errors) sum, MpathDevice path)
    {
        (long failovers, long retries, long errors) = path.Faults;
        return (sum.Failovers + failovers, sum.Retries + retries, sum.Errors + errors);
    }

    internal void CountRequeued() => Interlocked.Increment(ref _requeuedForWantOfPath);

    internal void CountFailed() => Interlocked.Increment(ref _failedForWantOfPath);
}
