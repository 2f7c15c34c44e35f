using System.Runtime.ExceptionServices;
using LibMultipath.Block;

namespace LibMultipath.IoUring.Loops;

// How what is under way comes to its end before the loop does.
public sealed partial class RingLoop
{
    /// <summary>Whether a thread waits for what is under way (<see cref="Drain"/>, <see cref="Dispose"/>): an operation is not to begin anew.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>How many operations are under way.</summary>
    public int UnderWay => _operations.Length - _freeCount - (_waker.IsUnderWay ? 1 : 0);

    /// <summary>
    /// Cancels every operation and waits until all have completed; what cannot be cancelled ends as it ends. Meanwhile
    /// the thread drives no loop (<see cref="Current"/>), so what a completion submits goes elsewhere. On the loop's
    /// thread.
    /// </summary>
    /// <param name="timeout">How long to wait at most; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <returns>Whether no operation is under way.</returns>
    /// <exception cref="InvalidOperationException">The loop is not the calling thread's.</exception>
    /// <remarks>An exception out of a completion leaves when it is over: nothing is lost by it.</remarks>
    public bool Drain(TimeSpan timeout)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        EnsureCurrent();
        s_current = null;
        try
        {
            return DrainAll(timeout, includeWaker: false);
        }
        finally
        {
            s_current = this;
        }
    }

    /// <summary>
    /// Ends the loop. On its thread, everything that is under way is cancelled and waited for, as by
    /// <see cref="Drain"/>, so that the memory of it is free. On another thread, when none drives the loop any more,
    /// only the ring is closed: what is under way never completes, and its memory must stay.
    /// </summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        try
        {
            Detach();
            if (_thread == Thread.CurrentThread && !Ring.IsDisposed)
            {
                DrainAll(Timeout.InfiniteTimeSpan, includeWaker: true);
            }
        }
        finally
        {
            Ring.Dispose();
            _waker.Dispose();
            _kept.ForEach(static kept => kept.Dispose());
            _kept.Clear();
        }

        // What was posted and had no turn yet: it finds the ring gone, and nothing waits for it in vain.
        RunPosted();
    }

    /// <summary>
    /// Keeps what a command of a channel that is gone may still use, memory above all, until the ring is closed: disposes it
    /// then, or now if the ring is closed already. On the loop's thread, or once the loop is disposed.
    /// </summary>
    /// <param name="memory">Disposed once, on the thread that disposes the loop.</param>
    public void Keep(IDisposable memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        if (Ring.IsDisposed)
        {
            memory.Dispose();
        }
        else
        {
            _kept.Add(memory);
        }
    }

    private bool DrainAll(TimeSpan timeout, bool includeWaker)
    {
        ExceptionDispatchInfo? fault = null;
        long start = TimeProvider.System.GetTimestamp();
        bool forEver = timeout == Timeout.InfiniteTimeSpan;
        IsDraining = true;
        try
        {
            while ((includeWaker ? _operations.Length - _freeCount : UnderWay) != 0)
            {
                TimeSpan left = forEver ? timeout : timeout - TimeProvider.System.GetElapsedTime(start);
                if (left <= TimeSpan.Zero && !forEver)
                {
                    break;
                }

                try
                {
                    CancelOperations(includeWaker);
                }
                catch (RingException exception) when (exception.Errno == Errno.EBUSY)
                {
                    // The kernel takes no more before completions are consumed; the rest is asked for after that.
                }

                Ring.SubmitAndWait(1, left);
                try
                {
                    HandOut();
                }
                catch (Exception exception)
                {
                    fault ??= ExceptionDispatchInfo.Capture(exception);
                }
            }
        }
        finally
        {
            IsDraining = false;
        }

        fault?.Throw();
        return UnderWay == 0;
    }

    // Once each; one that begins anew is cancelled anew.
    private void CancelOperations(bool includeWaker)
    {
        foreach (RingOperation? operation in _operations)
        {
            if (operation is { IsCancelled: false } && (includeWaker || operation != _waker))
            {
                Cancel(operation);
            }
        }
    }
}
