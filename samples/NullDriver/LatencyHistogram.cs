using System.Numerics;

namespace NullDriver;

/// <summary>
/// Counts nanoseconds in buckets whose width is a sixteenth of their value. One thread records; any may read what
/// there is so far.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 4;
    private const int Subs = 1 << SubBits;

    private readonly long[] _counts = new long[(64 - SubBits) * Subs];
    private long _count;
    private long _sum;
    private long _max;

    public void Record(long nanoseconds)
    {
        _counts[IndexOf(nanoseconds)]++;
        _sum += nanoseconds;
        _max = Math.Max(_max, nanoseconds);
        Volatile.Write(ref _count, _count + 1);
    }

    public LatencyReport Report()
    {
        long count = Volatile.Read(ref _count);
        return count == 0
            ? default
            : new LatencyReport(count, FromNanoseconds(_sum / count), Percentile(count, 0.50), Percentile(count, 0.99), FromNanoseconds(_max));
    }

    // Below 16 each value has a bucket; above, the four bits below the highest one choose it.
    private static int IndexOf(long value)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)value) - SubBits);
        return (shift * Subs) + (int)(value >> shift);
    }

    // The largest value of a bucket.
    private static long ValueOf(int index)
    {
        int shift = Math.Max(0, (index / Subs) - 1);
        return ((index - (shift * Subs) + 1L) << shift) - 1;
    }

    private static TimeSpan FromNanoseconds(long value) => TimeSpan.FromTicks(value / TimeSpan.NanosecondsPerTick);

    private TimeSpan Percentile(long count, double share)
    {
        long rank = (long)Math.Ceiling(count * share);
        int index = 0;
        for (long seen = _counts[0]; seen < rank && index < _counts.Length - 1; seen += _counts[index])
        {
            index++;
        }

        return FromNanoseconds(Math.Min(ValueOf(index), _max));
    }
}
