namespace LibMultipath.Reclamation;

public sealed partial class SrcuDomain
{
    /// <summary>
    /// Runs a callback once every section that had begun before the call has ended (<c>call_srcu</c>).
    /// Never blocks; may be called inside a section and inside a callback.
    /// </summary>
    /// <remarks>
    /// Callbacks run on a thread of the pool, without the caller's execution context, one after the
    /// other in the order in which they were queued. They may block, at the expense of those behind
    /// them. An exception is logged and stops no other callback.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The domain is disposed or being disposed.</exception>
    public void Call(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Call(static state => ((Action)state!)(), callback);
    }

    /// <inheritdoc cref="Call(Action)"/>
    /// <param name="callback">What to run; with a static method nothing is captured.</param>
    /// <param name="state">What it is given.</param>
    public void Call(Action<object?> callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _updaters.Enqueue(new SrcuCallback(callback, state));
    }

    /// <summary>
    /// Returns once all callbacks queued before the call have run (<c>srcu_barrier</c>); at once when
    /// there are none, for it is no grace period. Blocks the calling thread.
    /// </summary>
    /// <exception cref="InvalidOperationException">Called in a callback of the domain, it would wait for itself.</exception>
    /// <exception cref="OperationCanceledException">The wait was given up; the callbacks run all the same.</exception>
    /// <exception cref="ObjectDisposedException">The domain is disposed or being disposed.</exception>
    public void Barrier(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfInCallback();
        CheckBlockingWait();
        _updaters.Barrier().Wait(cancellationToken);
    }

    /// <summary>The form of <see cref="Barrier"/> that does not block.</summary>
    /// <exception cref="OperationCanceledException">(In the task.) The wait was given up; the callbacks run all the same.</exception>
    /// <exception cref="ObjectDisposedException">The domain is disposed or being disposed.</exception>
    public Task BarrierAsync(CancellationToken cancellationToken = default)
        => cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : _updaters.Barrier().WaitAsync(cancellationToken);

    private void ThrowIfInCallback()
    {
        if (_updaters.IsRunningCallbacksHere)
        {
            throw new InvalidOperationException("A callback of the domain cannot wait for the domain's callbacks.");
        }
    }
}
