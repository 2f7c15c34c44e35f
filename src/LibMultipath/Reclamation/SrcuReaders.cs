using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace LibMultipath.Reclamation;

/// <summary>
/// The readers' half of a domain: the counts of sections begun and ended, and the question whether
/// all sections of one index have ended. <see cref="SrcuDomain"/> has the essay.
/// </summary>
/// <remarks>
/// Entering and leaving never wait. The rest belongs to
/// <see cref="SrcuGracePeriods"/> and runs under its lock.
/// </remarks>
internal sealed unsafe class SrcuReaders : PerThreadSlots
{
    private const uint NotAwaited = uint.MaxValue;

    /// <summary>What a disposed domain's readers find: no slot, and an exception on the way to one.</summary>
    internal static readonly SrcuReaders Closed = new(null, maximum: 0, ordinaryBarrier: false);

    private readonly SrcuGracePeriods? _updaters;
    private readonly bool _ordinaryBarrier;

    /// <summary>The index that new sections take: 0 or 1.</summary>
    private uint _index;

    /// <summary>The index whose last section somebody sleeps for, or <see cref="NotAwaited"/>.</summary>
    private uint _awaited = NotAwaited;

    /// <summary>While awaited: how many sections the sleeper saw, minus those that have ended since.</summary>
    private long _remaining;

    /// <param name="updaters">Whom the last awaited section wakes.</param>
    /// <param name="maximum">See <see cref="PerThreadSlots(int)"/>.</param>
    /// <param name="ordinaryBarrier">
    /// The control of the litmus test: a barrier of the calling thread only, which is wrong. The
    /// switch is looked at on the updaters' side alone.
    /// </param>
    internal SrcuReaders(SrcuGracePeriods? updaters, int maximum, bool ordinaryBarrier)
        : base(maximum)
    {
        _updaters = updaters;
        _ordinaryBarrier = ordinaryBarrier;
    }

    /// <summary>Begins a section and returns its index.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal uint Enter() => Enter(out _);

    /// <summary>Begins a section; also returns the slot that it was counted in, or null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal uint Enter(out SrcuSlot* slot)
    {
        if (TryFind(out PerThreadSlot* found))
        {
            slot = (SrcuSlot*)found;
            // The volatile load is no instruction on x64; it keeps the compiler from serving a load in
            // the section with a value from before it. The processor may still run those loads ahead
            // of the increment's store: that is closed by the updater's process-wide barrier, not here.
            uint index = Volatile.Read(ref _index);
            ((long*)found)[SrcuSlot.FirstLock + index]++;
            GC.KeepAlive(this);
            return index;
        }
        slot = null;
        return EnterSlow();
    }

    /// <summary>Ends a section of the given index, which may have begun on any thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Exit(uint index)
    {
        if (TryFind(out PerThreadSlot* slot))
        {
            Exit(index, (SrcuSlot*)slot);
            return;
        }
        ExitSlow(index);
    }

    /// <summary>Ends a section in the calling thread's slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Exit(uint index, SrcuSlot* slot)
    {
        // Releases: whatever the section did is done when an updater sees the count.
        Volatile.Write(ref slot->Unlocks[index], slot->Unlocks[index] + 1);
        // This load may run ahead of the store. Whoever sets the flag issues a process-wide barrier
        // before counting, so either the count includes this exit or this load finds the flag.
        if (Volatile.Read(ref _awaited) == index)
        {
            CountDown();
        }
        GC.KeepAlive(this);
    }

    /// <summary>
    /// Ends a section and adds to two counters, all for one look-up. The counts are in before the
    /// section has ended, so a sum after a grace period includes them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ExitAndCount(uint index, int first, long firstValue, int second, long secondValue)
    {
        if (TryFind(out PerThreadSlot* found))
        {
            ExitAndCount(index, (SrcuSlot*)found, first, firstValue, second, secondValue);
            return;
        }
        CountSlow(first, firstValue, second, secondValue);
        ExitSlow(index);
    }

    /// <summary>Likewise, in the calling thread's slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ExitAndCount(uint index, SrcuSlot* slot, int first, long firstValue, int second, long secondValue)
    {
        Debug.Assert((uint)first < SrcuSlot.CounterCount && (uint)second < SrcuSlot.CounterCount);
        slot->Counters[first] += firstValue;
        slot->Counters[second] += secondValue;
        Exit(index, slot);
    }

    /// <summary>Adds to two counters, which may be the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Count(int first, long firstValue, int second, long secondValue)
    {
        Debug.Assert((uint)first < SrcuSlot.CounterCount && (uint)second < SrcuSlot.CounterCount);
        if (TryFind(out PerThreadSlot* found))
        {
            SrcuSlot* slot = (SrcuSlot*)found;
            slot->Counters[first] += firstValue;
            slot->Counters[second] += secondValue;
            GC.KeepAlive(this);
            return;
        }
        CountSlow(first, firstValue, second, secondValue);
    }

    /// <summary>The sum of a counter over all threads.</summary>
    internal long SumCounter(int counter)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)counter, (uint)SrcuSlot.CounterCount, nameof(counter));
        return SumWord(SrcuSlot.FirstCounter + counter);
    }

    /// <summary>Sections begun and not ended: racy, but never negative, and exact when nobody enters or leaves.</summary>
    internal long InFlight()
    {
        // Ends before begins: a begin whose end is counted is then counted too.
        long ended = Ended(0) + Ended(1);
        return Begun(0) + Begun(1) - ended;
    }

    /// <summary>The index that new sections do not take, except those that read it before the last flip.</summary>
    internal uint IdleIndex => _index ^ 1;

    /// <summary>Sends new sections to the other index.</summary>
    internal void Flip() => Volatile.Write(ref _index, _index ^ 1);

    /// <summary>
    /// Whether every section of the index that began before the call has ended. False may be wrong
    /// (sections come and go), true never is.
    /// </summary>
    internal bool IsDrained(uint index) => Outstanding(index) == 0;

    /// <summary>
    /// Like <see cref="IsDrained"/>, but a false answer is also a promise: after the last section of
    /// the index has ended, <see cref="SrcuGracePeriods.OnDrained"/> is called.
    /// </summary>
    internal bool IsDrainedOrAwait(uint index)
    {
        while (true)
        {
            Interlocked.Exchange(ref _remaining, 0);
            Volatile.Write(ref _awaited, index);
            // From here on, an exit whose store the count below misses sees the flag and counts down:
            // before or after the number is added, both are fine. Exits that are counted and see the
            // flag as well only make the wake-up come too early, after which we are here again.
            Barrier();
            long outstanding = Outstanding(index);
            if (outstanding != 0 && Interlocked.Add(ref _remaining, outstanding) > 0)
            {
                return false;
            }
            if (outstanding == 0)
            {
                return true;
            }
        }
    }

    /// <summary>Takes the flag back: nobody sleeps any more, and an end need not count down.</summary>
    internal void StopAwaiting()
    {
        if (IsAwaited)
        {
            Volatile.Write(ref _awaited, NotAwaited);
        }
    }

    /// <summary>Whether the flag is set.</summary>
    internal bool IsAwaited => _awaited != NotAwaited;

    private long Outstanding(uint index)
    {
        // The order is the algorithm. Ends first: each end that is counted has its begin in place, so
        // the begins, counted later, can only be more. Then the barrier: a section whose begin is not
        // visible after it has not yet run its first load, and will find what the updater published.
        // The begins last, over the slots that exist by then.
        long ended = Ended(index);
        Barrier();
        return Begun(index) - ended;
    }

    private long Begun(uint index) => SumWord(SrcuSlot.FirstLock + (int)index);

    private long Ended(uint index) => SumWord(SrcuSlot.FirstUnlock + (int)index);

    private void Barrier()
    {
        if (_ordinaryBarrier)
        {
            Interlocked.MemoryBarrier();
        }
        else
        {
            Interlocked.MemoryBarrierProcessWide();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint EnterSlow()
    {
        ThrowIfClosed();
        SrcuSlot* slot = (SrcuSlot*)Register();
        uint index = Volatile.Read(ref _index);
        if (slot is not null)
        {
            slot->Locks[index]++;
        }
        else
        {
            Interlocked.Increment(ref ((SrcuSlot*)Overflow)->Locks[index]);
        }
        GC.KeepAlive(this);
        return index;
    }

    /// <summary>An exit that found no slot: the calling thread's first call here, or the overflow slot's user.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void ExitSlow(uint index)
    {
        ThrowIfClosed();
        SrcuSlot* slot = (SrcuSlot*)Register();
        if (slot is not null)
        {
            Volatile.Write(ref slot->Unlocks[index], slot->Unlocks[index] + 1);
        }
        else
        {
            Interlocked.Increment(ref ((SrcuSlot*)Overflow)->Unlocks[index]);
        }
        if (Volatile.Read(ref _awaited) == index)
        {
            CountDown();
        }
        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void CountSlow(int first, long firstValue, int second, long secondValue)
    {
        ThrowIfClosed();
        SrcuSlot* slot = (SrcuSlot*)Register();
        if (slot is not null)
        {
            slot->Counters[first] += firstValue;
            slot->Counters[second] += secondValue;
        }
        else
        {
            SrcuSlot* shared = (SrcuSlot*)Overflow;
            Interlocked.Add(ref shared->Counters[first], firstValue);
            Interlocked.Add(ref shared->Counters[second], secondValue);
        }
        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CountDown()
    {
        if (Interlocked.Decrement(ref _remaining) == 0)
        {
            _updaters!.OnDrained();
        }
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_updaters is null, typeof(SrcuDomain));
}
