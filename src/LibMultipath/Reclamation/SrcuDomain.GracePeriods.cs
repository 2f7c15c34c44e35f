namespace LibMultipath.Reclamation;

public sealed partial class SrcuDomain
{
    /// <summary>
    /// Returns once every section that had begun before the call has ended (<c>synchronize_srcu</c>).
    /// Sections that begin later are not waited for. Blocks the calling thread, which sleeps while
    /// sections are open; about a microsecond when none is.
    /// </summary>
    /// <remarks>
    /// Everything that the ended sections did is visible to the caller afterwards, and every section
    /// that begins after the call sees what the caller did before it. Callers that wait at the same
    /// time share a grace period. Inside a section of the same domain it would wait for itself: a debug
    /// build throws when the section is a scope of this thread, and logs a warning when a token that
    /// was taken on this thread is still open.
    /// </remarks>
    /// <exception cref="OperationCanceledException">The wait was given up; the grace period goes on without it.</exception>
    /// <exception cref="ObjectDisposedException">The domain is disposed or being disposed.</exception>
    public void Synchronize(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CheckBlockingWait();
        _updaters.Request().Wait(cancellationToken);
    }

    /// <summary>
    /// The form of <see cref="Synchronize"/> that does not block: it may be called inside a section,
    /// as long as the section does not wait for the task.
    /// </summary>
    /// <exception cref="OperationCanceledException">(In the task.) The wait was given up; the grace period goes on without it.</exception>
    /// <exception cref="ObjectDisposedException">The domain is disposed or being disposed.</exception>
    public Task SynchronizeAsync(CancellationToken cancellationToken = default)
        => cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : _updaters.Request().WaitAsync(cancellationToken);

    /// <summary>
    /// Remembers this moment without starting anything (<c>get_state_synchronize_srcu</c>). Whether a
    /// grace period passes is up to others. Never blocks.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The domain is disposed or being disposed.</exception>
    public SrcuState GetState()
    {
        ThrowIfDisposed();
        return new SrcuState(_updaters.FirstToBegin());
    }

    /// <summary>
    /// Remembers this moment and starts a grace period for it (<c>start_poll_synchronize_srcu</c>).
    /// Never blocks; may be called inside a section.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The domain is disposed or being disposed.</exception>
    public SrcuState StartPoll() => new(_updaters.RequestInBackground());

    /// <summary>
    /// Whether a full grace period has passed since the state was taken
    /// (<c>poll_state_synchronize_srcu</c>). Once true, it stays true. Never blocks.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The domain is disposed or being disposed.</exception>
    public bool Poll(SrcuState state)
    {
        ThrowIfDisposed();
        return _updaters.IsComplete(state.GracePeriod);
    }

    private void CheckBlockingWait()
    {
#if DEBUG
        SrcuSectionRecord.CheckBlockingWait(this);
#endif
    }
}
