using System.Numerics;

namespace Mpathd.Engine;

/// <summary>
/// Latencies in buckets that grow with the value: 32 for each power of two, so a quantile is at most 3 % too large.
/// Recording allocates nothing. Not thread-safe: each lane has its own, and they are added up at the end.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 5;
    private const int SubBuckets = 1 << SubBits;

    private readonly long[] _counts = new long[(64 - SubBits) * SubBuckets];

    /// <summary>How many were recorded.</summary>
    public long Count { get; private set; }

    /// <summary>The longest, exactly, in nanoseconds.</summary>
    public long MaxNanoseconds { get; private set; }

    /// <summary>Records one latency.</summary>
    /// <param name="nanoseconds">Below 0 counts as 0.</param>
    public void Record(long nanoseconds)
    {
        long value = Math.Max(0, nanoseconds);
        _counts[IndexOf(value)]++;
        Count++;
        MaxNanoseconds = Math.Max(MaxNanoseconds, value);
    }

    /// <summary>Adds what another one has recorded.</summary>
    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
        MaxNanoseconds = Math.Max(MaxNanoseconds, other.MaxNanoseconds);
    }

    /// <summary>The latency that so much of all did not exceed, in nanoseconds; 0 when nothing was recorded.</summary>
    /// <param name="quantile">From 0 to 1: 0.5 for the median.</param>
    public long Quantile(double quantile)
    {
        long wanted = Math.Clamp((long)Math.Ceiling(quantile * Count), 1, Math.Max(1, Count));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
            {
                return Math.Min(UpperBound(i), MaxNanoseconds);
            }
        }

        return MaxNanoseconds;
    }

    // Values below 32 have a bucket each; then the bucket is the exponent and the five bits after the highest.
    private static int IndexOf(long value)
    {
        int exponent = BitOperations.Log2((ulong)value | 1);
        return exponent < SubBits
            ? (int)value
            : ((exponent - SubBits + 1) << SubBits) + (int)((value >> (exponent - SubBits)) & (SubBuckets - 1));
    }

    private static long UpperBound(int index)
    {
        int group = index >> SubBits;
        long sub = index & (SubBuckets - 1);
        return group == 0 ? sub : ((sub + SubBuckets + 1) << (group - 1)) - 1;
    }
}
