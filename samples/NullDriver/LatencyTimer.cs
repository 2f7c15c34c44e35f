using System.Diagnostics;
using LibMultipath.Block;

namespace NullDriver;

/// <summary>
/// Attempts that are to end after a fixed time, and the thread that ends them. As the time is the same for all, they
/// are due in the order in which they come.
/// </summary>
/// <remarks>
/// Whoever takes an attempt from the queue, and nobody else, ends it: the thread when it is due,
/// <see cref="Close"/>, <see cref="AbortAll"/>, or the caller of <see cref="TryRemove"/>. Nobody ends one inside the
/// lock, because whatever the end sets off may come back here. The thread sleeps while there is nothing to do.
/// </remarks>
internal sealed class LatencyTimer : IDisposable
{
    // Further away than this, the thread waits in a way that Dispose can interrupt.
    private static readonly long s_nearTicks = Stopwatch.Frequency / 500;

    private readonly object _lock = new();
    private readonly Queue<Entry> _queue = new();
    private readonly LatencyHistogram _histogram = new();
    private long _latency;
    private bool _closed;
    private bool _disposed;

    public LatencyTimer(string name, TimeSpan latency)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(latency, TimeSpan.Zero);
        _latency = TicksOf(latency);
        new Thread(Run) { IsBackground = true, Name = name }.Start();
    }

    /// <summary>How long attempts take from now on, those that are here included.</summary>
    public void SetLatency(TimeSpan latency)
    {
        lock (_lock)
        {
            _latency = TicksOf(latency);
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Takes an attempt; false if the timer is closed, and the attempt is still the caller's.</summary>
    public bool TryAdd(BioAttempt attempt, BlockStatus status)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            _queue.Enqueue(new Entry(attempt, status, Stopwatch.GetTimestamp()));
            if (_queue.Count == 1)
            {
                Monitor.Pulse(_lock);
            }

            return true;
        }
    }

    /// <summary>Gives an attempt back to the caller; false if it is not here any more.</summary>
    public bool TryRemove(BioAttempt attempt)
    {
        bool found = false;
        lock (_lock)
        {
            // Once around.
            for (int left = _queue.Count; left > 0; left--)
            {
                Entry entry = _queue.Dequeue();
                if (entry.Attempt == attempt)
                {
                    found = true;
                }
                else
                {
                    _queue.Enqueue(entry);
                }
            }
        }

        return found;
    }

    /// <summary>Ends what is here now as a path failure.</summary>
    public void AbortAll()
    {
        while (TryTake(long.MaxValue, out Entry entry))
        {
            entry.Attempt.FailPath(BlockStatus.Transport);
        }
    }

    /// <summary>Takes nothing any more, and ends what is here as a path failure.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }

        AbortAll();
    }

    public void Open()
    {
        lock (_lock)
        {
            _closed = false;
        }
    }

    public LatencyReport Report() => _histogram.Report();

    public void Dispose()
    {
        Close();
        lock (_lock)
        {
            _disposed = true;
            Monitor.Pulse(_lock);
        }
    }

    private void Run()
    {
        PreciseSleep.PrepareThread();
        while (WaitForNext(out long due))
        {
            PreciseSleep.Until(due);
            while (TryTakeDue(out Entry entry))
            {
                _histogram.Record((Stopwatch.GetTimestamp() - entry.Submitted) * (1_000_000_000 / Stopwatch.Frequency));
                entry.Attempt.End(entry.Status);
            }
        }
    }

    /// <summary>Waits until the next attempt is nearly due; false when disposed.</summary>
    private bool WaitForNext(out long due)
    {
        lock (_lock)
        {
            while (!_disposed)
            {
                int wait = Timeout.Infinite;
                if (_queue.TryPeek(out Entry next))
                {
                    due = next.Submitted + _latency;
                    long left = due - Stopwatch.GetTimestamp();
                    if (left <= s_nearTicks)
                    {
                        return true;
                    }

                    wait = (int)Math.Min(int.MaxValue, (left - (s_nearTicks / 2)) * 1000 / Stopwatch.Frequency);
                }

                Monitor.Wait(_lock, wait);
            }
        }

        due = 0;
        return false;
    }

    private bool TryTakeDue(out Entry entry)
    {
        lock (_lock)
        {
            return TryTake(Stopwatch.GetTimestamp() - _latency, out entry);
        }
    }

    private static long TicksOf(TimeSpan latency) => (long)(latency.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Takes the first attempt off if it was submitted at that time or before.</summary>
    private bool TryTake(long submittedBy, out Entry entry)
    {
        lock (_lock)
        {
            return _queue.TryPeek(out entry) && entry.Submitted <= submittedBy && _queue.TryDequeue(out entry);
        }
    }

    private readonly record struct Entry(BioAttempt Attempt, BlockStatus Status, long Submitted);
}
