using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace LibMultipath.Reclamation;

/// <summary>
/// Sixteen 64-bit counters for many writers and few readers: I/Os, bytes, and the like.
/// </summary>
/// <remarks>
/// Adding is a plain store into the calling thread's own slot, a couple of nanoseconds whatever the
/// number of threads. A sum reads every slot; it is exact when nobody adds, and otherwise a value
/// between those at the beginning and at the end of the call for a counter that only grows.
/// Nothing here blocks, and there is nothing to dispose: the memory goes with the object.
/// </remarks>
internal sealed unsafe class PerThreadCounters : PerThreadSlots
{
    /// <summary>The number of counters.</summary>
    internal const int Count = PerThreadSlot.WordCount;

    internal PerThreadCounters()
    {
    }

    /// <summary>For tests: only threads up to a number get a slot of their own.</summary>
    internal PerThreadCounters(int maximum)
        : base(maximum)
    {
    }

    /// <summary>Adds to a counter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(int index, long value)
    {
        Debug.Assert((uint)index < Count);
        if (TryFind(out PerThreadSlot* slot))
        {
            slot->Words[index] += value;
            GC.KeepAlive(this);
            return;
        }
        AddSlow(index, value, index, 0);
    }

    /// <summary>Adds to two counters for one look-up. They may be the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void AddPair(int first, long firstValue, int second, long secondValue)
    {
        Debug.Assert((uint)first < Count && (uint)second < Count);
        if (TryFind(out PerThreadSlot* slot))
        {
            slot->Words[first] += firstValue;
            slot->Words[second] += secondValue;
            GC.KeepAlive(this);
            return;
        }
        AddSlow(first, firstValue, second, secondValue);
    }

    /// <summary>The counter's value: the sum over all threads, those that are gone included.</summary>
    internal long Sum(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return SumWord(index);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddSlow(int first, long firstValue, int second, long secondValue)
    {
        PerThreadSlot* slot = Register();
        if (slot is not null)
        {
            slot->Words[first] += firstValue;
            slot->Words[second] += secondValue;
        }
        else
        {
            Interlocked.Add(ref Overflow->Words[first], firstValue);
            Interlocked.Add(ref Overflow->Words[second], secondValue);
        }
        GC.KeepAlive(this);
    }
}
