using Microsoft.Extensions.Logging;

namespace LibMultipath.Reclamation;

/// <summary>
/// The updaters' half of a domain: it numbers the grace periods, carries one at a time through its
/// two waits, and lets everybody who wants one share the next that begins.
/// </summary>
/// <remarks>
/// <para>
/// There is no thread here. A grace period is carried on by whoever comes by: the caller that wants
/// one, the reader whose exit was the last that it waited for, and a work item of the pool where
/// neither may go on. A step takes the lock, never waits for a section, and leaves either a complete
/// grace period or the flag that makes the last section's end come back here.
/// </para>
/// <para>
/// A reader that comes here neither waits for the lock nor begins the next grace period: it leaves
/// both to the pool.
/// </para>
/// </remarks>
internal sealed class SrcuGracePeriods : IThreadPoolWorkItem
{
    /// <summary>How often a step looks again before it leaves a flag: short sections end by then.</summary>
    private const int Looks = 4;

    private readonly Lock _gate = new();
    private readonly SrcuCallbacks _callbacks;
    private GracePeriod? _inFlight;
    private GracePeriod? _next;
    private bool _flipped;
    private bool _closed;
    private long _begun;
    private long _completed;

    internal SrcuGracePeriods(ILogger logger, int maximum, bool ordinaryBarrier)
    {
        _callbacks = new SrcuCallbacks(logger);
        Readers = new SrcuReaders(this, maximum, ordinaryBarrier);
    }

    /// <summary>The readers' half; <see cref="SrcuReaders.Closed"/> once <see cref="LetGo"/> was called.</summary>
    internal SrcuReaders Readers { get; private set; }

    /// <summary>Whether the calling thread is running a callback of this domain.</summary>
    internal bool IsRunningCallbacksHere => _callbacks.IsRunningHere;

    /// <summary>The number of the first grace period that begins after the call.</summary>
    internal long FirstToBegin()
    {
        // The caller's stores before, the load after: a grace period that is not in this number then
        // begins after the stores.
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref _begun) + 1;
    }

    /// <summary>Whether the grace period of that number is complete.</summary>
    internal bool IsComplete(long number)
    {
        if (Volatile.Read(ref _completed) < number)
        {
            return false;
        }
        Interlocked.MemoryBarrier();
        return true;
    }

    /// <summary>
    /// Asks for a grace period that begins after the call, carries it on as far as it goes without
    /// waiting, and returns the task that completes with it.
    /// </summary>
    internal Task Request()
    {
        Task task;
        bool idle;
        lock (_gate)
        {
            ThrowIfClosed();
            idle = _inFlight is null;
            task = Next().Task;
        }
        if (idle)
        {
            CarryOn(task);
        }
        return task;
    }

    /// <summary>Asks for a grace period and leaves it to the pool; returns its number.</summary>
    internal long RequestInBackground()
    {
        long number;
        bool idle;
        lock (_gate)
        {
            ThrowIfClosed();
            idle = _inFlight is null && _next is null;
            Next();
            number = _begun + 1;
        }
        if (idle)
        {
            Schedule();
        }
        return number;
    }

    /// <summary>Queues a callback behind a grace period that begins after the call.</summary>
    internal void Enqueue(SrcuCallback callback)
    {
        bool idle;
        lock (_gate)
        {
            ThrowIfClosed();
            // One work item is enough for a burst: who completes a grace period sees to the next, and
            // who asked for the next before us has already seen to its beginning.
            idle = _inFlight is null && _next is null;
            Next().Callbacks.Add(callback);
        }
        if (idle)
        {
            Schedule();
        }
    }

    /// <summary>A task that completes when all callbacks queued before the call have run.</summary>
    internal Task Barrier()
    {
        lock (_gate)
        {
            ThrowIfClosed();
            return BarrierUnderGate();
        }
    }

    /// <summary>
    /// Takes no more requests, and returns the tasks of a last grace period and of the callbacks that
    /// are still to run. To be called once.
    /// </summary>
    internal (Task Sections, Task Callbacks) Close()
    {
        Task sections;
        Task callbacks;
        lock (_gate)
        {
            _closed = true;
            sections = Next().Task;
            callbacks = BarrierUnderGate();
        }
        CarryOn(sections);
        return (sections, callbacks);
    }

    /// <summary>Lets go of the readers' memory: after <see cref="Close"/> and both of its tasks.</summary>
    internal void LetGo()
    {
        lock (_gate)
        {
            Readers = SrcuReaders.Closed;
        }
    }

    /// <summary>
    /// The last section that a grace period waited for has ended, on the calling thread: a reader,
    /// that must not be kept.
    /// </summary>
    internal void OnDrained()
    {
        if (!_gate.TryEnter())
        {
            Schedule();
            return;
        }
        GracePeriod? complete;
        bool more;
        try
        {
            complete = _inFlight is null ? null : Step(looks: 0);
            more = _next is not null && _inFlight is null;
        }
        finally
        {
            _gate.Exit();
        }
        Finish(complete, more);
    }

    /// <summary>The pool's work item.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        CarryOn(until: null);
        _callbacks.Run();
    }

    /// <summary>Takes steps until the given task is complete, or there is nothing to do but wait.</summary>
    private void CarryOn(Task? until)
    {
        while (until is not { IsCompleted: true })
        {
            GracePeriod? complete;
            bool more;
            lock (_gate)
            {
                complete = Step(Looks);
                more = _next is not null && _inFlight is null;
            }
            bool own = complete is not null && complete.Task == until;
            Finish(complete, more && own);
            if (!more || own)
            {
                return;
            }
        }
    }

    private void Finish(GracePeriod? complete, bool more)
    {
        bool callbacks = false;
        if (complete is not null)
        {
            complete.Complete();
            callbacks = complete.Callbacks.Count > 0;
        }
        if (more || callbacks)
        {
            Schedule();
        }
    }

    /// <summary>Under the lock: begins what is wanted, and returns the grace period in flight if that made it complete.</summary>
    private GracePeriod? Step(int looks)
    {
        if (_inFlight is null)
        {
            if (_next is null)
            {
                return null;
            }
            (_inFlight, _next) = (_next, null);
            _flipped = false;
            // Before the first barrier of this grace period: see FirstToBegin.
            Volatile.Write(ref _begun, _begun + 1);
        }
        if (!_flipped)
        {
            // Sections that took the index before the last flip and were counted only after it.
            if (!IsDrained(looks))
            {
                return null;
            }
            Readers.Flip();
            _flipped = true;
        }
        if (!IsDrained(looks))
        {
            return null;
        }
        GracePeriod complete = _inFlight;
        _callbacks.Add(complete.Callbacks);
        _inFlight = null;
        Volatile.Write(ref _completed, _completed + 1);
        return complete;
    }

    private bool IsDrained(int looks)
    {
        if (!Look(Readers.IdleIndex, looks))
        {
            return false;
        }
        Readers.StopAwaiting();
        return true;
    }

    private bool Look(uint index, int looks)
    {
        for (int look = 0; look < looks; look++)
        {
            if (Readers.IsDrained(index))
            {
                return true;
            }
            Thread.SpinWait(8 << look);
        }
        return Readers.IsDrainedOrAwait(index);
    }

    private GracePeriod Next() => _next ??= new GracePeriod();

    private Task BarrierUnderGate()
    {
        // Callbacks run in the order in which they were queued, so it is enough to queue one more
        // behind the last, wherever that is; it needs no grace period of its own.
        List<SrcuCallback>? last = _next is { Callbacks.Count: > 0 } ? _next.Callbacks
            : _inFlight is { Callbacks.Count: > 0 } ? _inFlight.Callbacks
            : null;
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        SrcuCallback mark = new(static state => ((TaskCompletionSource)state!).SetResult(), reached);
        if (last is not null)
        {
            last.Add(mark);
        }
        else if (!_callbacks.TryAddBehindPending(mark))
        {
            return Task.CompletedTask;
        }
        return reached.Task;
    }

    private void Schedule() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_closed, typeof(SrcuDomain));
}
