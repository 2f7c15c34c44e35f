using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.Reclamation;

namespace LibMultipath.Paths;

public sealed partial class MpathDevice
{
    private long _failovers;
    private long _retries;
    private long _errors;

    /// <summary>What went through the path so far. Each number is right by itself; together they are of about one moment.</summary>
    public PathStatistics Statistics => new(
        IoCounters.Read(Attempts),
        InFlight,
        Volatile.Read(ref _failovers),
        Volatile.Read(ref _retries),
        Volatile.Read(ref _errors));

    /// <summary>How many attempts are under way. Exact when none begins or ends meanwhile.</summary>
    public int InFlight => (int)Math.Max(0, Attempts.ReadersInFlight);

    /// <summary>What went wrong, without a look at the threads' slots.</summary>
    internal (long Failovers, long Retries, long Errors) Faults =>
        (Volatile.Read(ref _failovers), Volatile.Read(ref _retries), Volatile.Read(ref _errors));

    /// <summary>Ends an attempt's hold on the path, and counts it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void EndAttempt(SrcuToken token, BioOp op, long bytes)
    {
        int counter = IoCounters.IndexOf(op);
        Attempts.ReadUnlockAndCount(token, counter, 1, counter + 1, bytes);
    }

    internal void CountFailover() => Interlocked.Increment(ref _failovers);

    internal void CountRetry() => Interlocked.Increment(ref _retries);

    internal void CountError() => Interlocked.Increment(ref _errors);
}
