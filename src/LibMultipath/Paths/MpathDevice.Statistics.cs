using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.Reclamation;

namespace LibMultipath.Paths;

public sealed partial class MpathDevice
{
    private long _failovers;
    private long _retries;
    private long _errors;

    /// <summary>
    /// What went through the path so far, or since a counter was reset. Each number is right by itself; together they are of
    /// about one moment.
    /// </summary>
    public PathStatistics Statistics => new(
        IoCounters.Read(Attempts),
        InFlight,
        Failovers,
        Retries,
        Errors);

    /// <summary>How many attempts are under way. Exact when none begins or ends meanwhile.</summary>
    public int InFlight => (int)Math.Max(0, Attempts.ReadersInFlight);

    internal long Failovers => Volatile.Read(ref _failovers);

    internal long Retries => Volatile.Read(ref _retries);

    internal long Errors => Volatile.Read(ref _errors);

    /// <summary>Ends an attempt's hold on the path, and counts it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void EndAttempt(SrcuToken token, BioOp op, long bytes)
    {
        int counter = IoCounters.IndexOf(op);
        Attempts.ReadUnlockAndCount(token, counter, 1, counter + 1, bytes);
    }

    internal void CountFailover()
    {
        Interlocked.Increment(ref _failovers);
        Head.CountFailover();
    }

    internal void CountRetry()
    {
        Interlocked.Increment(ref _retries);
        Head.CountRetry();
    }

    internal void CountError()
    {
        Interlocked.Increment(ref _errors);
        Head.CountError();
    }

    /// <summary>Sets what the path shows; what the head has counted stays.</summary>
    internal void SetFailovers(long count)
    {
        Volatile.Write(ref _failovers, count);
        Head.Tell(HeadChange.PathFailovers, this);
    }

    /// <summary>As <see cref="SetFailovers"/>.</summary>
    internal void SetRetries(long count)
    {
        Volatile.Write(ref _retries, count);
        Head.Tell(HeadChange.PathRetries, this);
    }

    /// <summary>As <see cref="SetFailovers"/>.</summary>
    internal void SetErrors(long count)
    {
        Volatile.Write(ref _errors, count);
        Head.Tell(HeadChange.PathErrors, this);
    }
}
