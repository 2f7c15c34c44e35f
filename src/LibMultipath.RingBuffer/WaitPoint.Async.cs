using LibMultipath.RingBuffer.Interop;

namespace LibMultipath.RingBuffer;

// Who awaits is woken by one thread for all of them. It comes with the first and goes when for a while nobody has come.
internal abstract partial class WaitPoint
{
    private static readonly TimeSpan s_linger = TimeSpan.FromSeconds(2);

    // Guards the list and whether there is a thread.
    private readonly object _lock = new();
    private readonly List<Waiter> _waiters = [];
    private bool _hasThread;

    /// <summary>As <see cref="Wait"/>, without a thread of the caller's.</summary>
    public async ValueTask<bool> WaitAsync(int size, int milliseconds, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Look(size))
        {
            return true;
        }

        if (milliseconds == 0)
        {
            return false;
        }

        Waiter waiter = Add(size);
        try
        {
            await waiter.Task.WaitAsync(TimeSpan.FromMilliseconds(milliseconds), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return Look(size);
        }
        finally
        {
            lock (_lock)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    private unsafe Waiter Add(int size)
    {
        var waiter = new Waiter(size);
        lock (_lock)
        {
            if (!_hasThread)
            {
                Enter();
                Interlocked.Increment(ref *Sleepers);
                _hasThread = true;
                new Thread(WakeWaiters) { IsBackground = true, Name = "ring waiters" }.Start();
            }

            _waiters.Add(waiter);

            // The thread may sleep, on a word that changed while there was nobody in the list.
            if (IsMet(size))
            {
                waiter.SetResult();
            }

            Monitor.Pulse(_lock);
        }

        return waiter;
    }

    private unsafe void WakeWaiters()
    {
        while (TryLook(out uint seen))
        {
            // In slices, because the list can become empty meanwhile.
            while (Futex.Wait(Word, seen, SliceMilliseconds) == Block.Errno.ETIMEDOUT && !looksAgain && !IsClosed && HasWaiters())
            {
            }
        }

        Interlocked.Decrement(ref *Sleepers);
        Leave();
    }

    private bool HasWaiters()
    {
        lock (_lock)
        {
            return _waiters.Count != 0;
        }
    }

    /// <summary>Ends the waits that are over.</summary>
    /// <param name="seen">The word, read before.</param>
    /// <returns>False when the thread has to end.</returns>
    private unsafe bool TryLook(out uint seen)
    {
        lock (_lock)
        {
            while (true)
            {
                seen = Volatile.Read(ref *Word);
                foreach (Waiter waiter in _waiters)
                {
                    if (IsClosed)
                    {
                        waiter.TrySetException(Gone());
                    }
                    else if (IsMet(waiter.Size))
                    {
                        waiter.TrySetResult();
                    }
                }

                _waiters.RemoveAll(static waiter => waiter.Task.IsCompleted);
                if (_waiters.Count != 0)
                {
                    return true;
                }

                if (IsClosed || !Monitor.Wait(_lock, s_linger))
                {
                    _hasThread = _waiters.Count != 0;
                    if (!_hasThread)
                    {
                        return false;
                    }
                }
            }
        }
    }

    private void EndThread()
    {
        lock (_lock)
        {
            Monitor.PulseAll(_lock);
        }
    }

    private sealed class Waiter(int size) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public int Size { get; } = size;
    }
}
