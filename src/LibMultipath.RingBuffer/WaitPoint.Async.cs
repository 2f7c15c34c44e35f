using LibMultipath.RingBuffer.Interop;

namespace LibMultipath.RingBuffer;

// Who awaits is woken by one thread for all of them. It comes with the first and goes when for a while nobody has come. It
// counts as asleep only while somebody awaits: the other side pays a system call for who counts.
internal abstract partial class WaitPoint
{
    // Guards the list, whether there is a thread, and whether it counts as asleep.
    private readonly object _lock = new();
    private readonly List<Waiter> _waiters = [];
    private bool _hasThread;
    private bool _counts;

    /// <summary>Starts the thread.</summary>
    internal Action<Thread> StartThread { get; init; } = static thread => thread.Start();

    /// <summary>How long the thread stays when nobody awaits.</summary>
    internal TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(2);

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
                Start();
            }

            _waiters.Add(waiter);
            if (!_counts)
            {
                _counts = true;
                Interlocked.Increment(ref *Sleepers);
            }

            // The thread may sleep, on a word that changed while there was nobody in the list.
            if (IsMet(size))
            {
                waiter.SetResult();
            }

            Monitor.Pulse(_lock);
        }

        return waiter;
    }

    private void Start()
    {
        Enter();
        try
        {
            StartThread(new Thread(WakeWaiters) { IsBackground = true, Name = "ring waiters" });
            _hasThread = true;
        }
        finally
        {
            if (!_hasThread)
            {
                Leave();
            }
        }
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

        Leave();
        GC.KeepAlive(_locked);
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

                if (_counts)
                {
                    _counts = false;
                    Interlocked.Decrement(ref *Sleepers);
                }

                if (IsClosed || !Monitor.Wait(_lock, Linger))
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
