namespace Mpathd.Engine;

/// <summary>
/// Ended I/Os on their way back to their lane: any thread adds, one thread takes and, when there is nothing to take,
/// sleeps. Nothing is allocated: the links are the slots'.
/// </summary>
internal sealed class CompletionQueue
{
    private const int SpinsBeforeSleep = 20;

    private readonly object _gate = new();
    private IoSlot? _top;
    private bool _asleep;
    private bool _woken;

    /// <summary>Adds an ended I/O and wakes the lane if it sleeps.</summary>
    public void Add(IoSlot slot)
    {
        IoSlot? top = Volatile.Read(ref _top);
        while (true)
        {
            slot.Next = top;
            IoSlot? seen = Interlocked.CompareExchange(ref _top, slot, top);
            if (ReferenceEquals(seen, top))
            {
                break;
            }

            top = seen;
        }

        // The exchange is a full barrier: either the lane sees the slot before it sleeps, or it is seen asleep here.
        if (Volatile.Read(ref _asleep))
        {
            Pulse();
        }
    }

    /// <summary>Takes everything, the latest first; null if there is nothing.</summary>
    public IoSlot? TakeAll() => Volatile.Read(ref _top) is null ? null : Interlocked.Exchange(ref _top, null);

    /// <summary>Wakes the lane although nothing has ended, now or before it sleeps next.</summary>
    public void Wake()
    {
        Volatile.Write(ref _woken, true);
        Pulse();
    }

    /// <summary>Returns when there is something to take, or <see cref="Wake"/> was called.</summary>
    public void Wait()
    {
        SpinWait spin = default;
        for (int i = 0; i < SpinsBeforeSleep; i++)
        {
            if (Volatile.Read(ref _top) is not null)
            {
                return;
            }

            spin.SpinOnce(sleep1Threshold: -1);
        }

        lock (_gate)
        {
            Volatile.Write(ref _asleep, true);
            Interlocked.MemoryBarrier();
            while (Volatile.Read(ref _top) is null && !_woken)
            {
                Monitor.Wait(_gate);
            }

            Volatile.Write(ref _asleep, false);
            _woken = false;
        }
    }

    private void Pulse()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }
}
