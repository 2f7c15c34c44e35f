using System.Runtime.CompilerServices;

namespace LibMultipath.Reclamation;

// Statistics of whoever owns the domain: they live in the readers' slots, so that an I/O that ends its
// section anyway counts itself with the same look-up.
public sealed partial class SrcuDomain
{
    /// <summary>The number of counters: their indices are below it.</summary>
    internal const int CounterCount = SrcuSlot.CounterCount;

    /// <summary>What the counters stood at when the disposal ended; null before.</summary>
    private long[]? _lastCounters;

    /// <summary>
    /// <see cref="ReadUnlock"/>, and adds to two different or equal counters. A sum that follows a grace
    /// period includes what the sections before it added.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ReadUnlockAndCount(SrcuToken token, int first, long firstValue, int second, long secondValue)
    {
#if DEBUG
        SrcuSectionRecord.End(this, token.Record);
#endif
        _exit.ExitAndCount(token.Index, first, firstValue, second, secondValue);
    }

    /// <summary>Adds to a counter; the domain must not be disposed yet, it may be being disposed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Count(int counter, long value) => _exit.Count(counter, value, counter, 0);

    /// <summary>Adds to two counters for one look-up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void CountPair(int first, long firstValue, int second, long secondValue)
        => _exit.Count(first, firstValue, second, secondValue);

    /// <summary>A counter's sum over all threads; of a disposed domain, what it last stood at.</summary>
    internal long SumCounter(int counter)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)counter, (uint)CounterCount, nameof(counter));
        SrcuReaders readers = Volatile.Read(ref _exit);
        return readers == SrcuReaders.Closed ? _lastCounters![counter] : readers.SumCounter(counter);
    }
}
