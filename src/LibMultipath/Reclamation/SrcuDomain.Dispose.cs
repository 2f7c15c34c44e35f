namespace LibMultipath.Reclamation;

public sealed partial class SrcuDomain
{
    private TaskCompletionSource? _disposal;

    /// <summary>
    /// Ends the domain (<c>cleanup_srcu_struct</c>): from the call on nothing new begins, and it returns
    /// once every open section has ended and every callback has run. Blocks the calling thread. A
    /// second call, at the same time or later, waits for the first.
    /// </summary>
    /// <remarks>
    /// A section may still be ended while this waits. A <see cref="ReadLock"/> that runs at the same
    /// time either throws or is waited for, unless it stalls in the middle until the domain is gone:
    /// make the domain unreachable first. The memory of the slots is the collector's as soon as the
    /// disposal is done, even if the domain itself is still referenced.
    /// </remarks>
    /// <exception cref="InvalidOperationException">
    /// Called in a callback of the domain, it would wait for itself; in debug builds also inside a scope of the domain.
    /// </exception>
    public void Dispose()
    {
        ThrowIfInCallback();
        CheckBlockingWait();
        DisposeOnce().Wait();
    }

    /// <summary>The form of <see cref="Dispose"/> that does not block.</summary>
    public ValueTask DisposeAsync() => new(DisposeOnce());

    private Task DisposeOnce()
    {
        TaskCompletionSource disposal = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource? earlier = Interlocked.CompareExchange(ref _disposal, disposal, null);
        return earlier is null ? DisposeCoreAsync(disposal) : earlier.Task;
    }

    private async Task DisposeCoreAsync(TaskCompletionSource disposal)
    {
        // First no section can begin any more, then the last grace period begins: it covers the rest.
        Volatile.Write(ref _entry, SrcuReaders.Closed);
        (Task sections, Task callbacks) = _updaters.Close();
        await sections.ConfigureAwait(false);
        await callbacks.ConfigureAwait(false);
        long[] counters = new long[CounterCount];
        for (int counter = 0; counter < counters.Length; counter++)
        {
            counters[counter] = _exit.SumCounter(counter);
        }
        _lastCounters = counters;
        Volatile.Write(ref _exit, SrcuReaders.Closed);
        _updaters.LetGo();
        disposal.SetResult();
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposal) is not null, this);
}
