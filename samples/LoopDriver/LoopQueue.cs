using System.Diagnostics;
using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>
/// The attempts that nobody has begun to carry out, and the descriptor that they are for: one lock protects both, so
/// that an attempt that is taken comes with the descriptor that it is to use, and none is left behind by a failure.
/// </summary>
/// <remarks>
/// Whoever takes an attempt off, and nobody else, ends it, and not inside the lock, because whatever the end sets off
/// may come back here.
/// </remarks>
internal sealed class LoopQueue
{
    private readonly object _lock = new();
    private readonly Queue<Entry> _queue = new();
    private readonly long _delay;
    private SafeFileHandle? _file;
    private bool _stopped;

    public LoopQueue(DescriptorOptions options, SafeFileHandle file)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Workers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Delay, TimeSpan.Zero);
        _delay = (long)(options.Delay.TotalSeconds * Stopwatch.Frequency);
        _file = file;
    }

    /// <summary>Told of every attempt that is added, and of the end. Outside the lock, on any thread.</summary>
    public Action? Changed { get; set; }

    /// <summary>Whether attempts are kept for a while, so that each has to come this way.</summary>
    public bool Delays => _delay != 0;

    /// <summary>The descriptor; null if there is none.</summary>
    public SafeFileHandle? File => Volatile.Read(ref _file);

    /// <summary>Whether nothing will be added any more.</summary>
    public bool IsStopped => Volatile.Read(ref _stopped);

    /// <summary>Takes an attempt; false if there is no descriptor, and the attempt is still the caller's.</summary>
    public bool TryAdd(BioAttempt attempt)
    {
        lock (_lock)
        {
            if (_file is null)
            {
                return false;
            }

            _queue.Enqueue(new Entry(attempt, _delay == 0 ? 0 : Stopwatch.GetTimestamp() + _delay));
            Monitor.Pulse(_lock);
        }

        Changed?.Invoke();
        return true;
    }

    /// <summary>Gives an attempt back to the caller; false if somebody has begun it, or it is over.</summary>
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

    /// <summary>Ends what nobody has begun as a path failure.</summary>
    public void AbortAll()
    {
        while (TryTake(out BioAttempt attempt))
        {
            attempt.FailPath(BlockStatus.Transport);
        }
    }

    /// <summary>
    /// Closes the descriptor: what nobody has begun ends as a path failure, what the kernel has ends as it ends, and
    /// the last of that lets the descriptor's number go.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    public bool Close()
    {
        SafeFileHandle? file;
        lock (_lock)
        {
            file = _file;
            Volatile.Write(ref _file, null);
        }

        file?.Dispose();
        AbortAll();
        return file is not null;
    }

    /// <summary>Goes on with another descriptor.</summary>
    public void Open(SafeFileHandle file)
    {
        lock (_lock)
        {
            Volatile.Write(ref _file, file);
        }
    }

    /// <summary>Closes the descriptor and lets the threads go.</summary>
    public void Stop()
    {
        Close();
        lock (_lock)
        {
            Volatile.Write(ref _stopped, true);
            Monitor.PulseAll(_lock);
        }

        Changed?.Invoke();
    }

    /// <summary>Takes an attempt that is due, with the descriptor that it is to use; does not wait.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="file">The descriptor.</param>
    /// <param name="wait">When there is none: how long until there may be one, if nothing is added.</param>
    public bool TryTakeDue(out BioAttempt attempt, out SafeFileHandle file, out TimeSpan wait)
    {
        lock (_lock)
        {
            return TryTakeNext(out attempt, out file, out wait);
        }
    }

    /// <summary>Waits for an attempt that is due; false when there will be none.</summary>
    public bool WaitForNext(out BioAttempt attempt, out SafeFileHandle file)
    {
        lock (_lock)
        {
            while (!_stopped)
            {
                if (TryTakeNext(out attempt, out file, out TimeSpan wait))
                {
                    if (_queue.Count > 0)
                    {
                        Monitor.Pulse(_lock);
                    }

                    return true;
                }

                Monitor.Wait(_lock, wait == Timeout.InfiniteTimeSpan ? Timeout.Infinite : (int)Math.Min(int.MaxValue, 1 + wait.TotalMilliseconds));
            }
        }

        attempt = default;
        file = null!;
        return false;
    }

    private bool TryTakeNext(out BioAttempt attempt, out SafeFileHandle file, out TimeSpan wait)
    {
        wait = Timeout.InfiniteTimeSpan;
        if (_file is not null && _queue.TryPeek(out Entry next))
        {
            long left = next.Due == 0 ? 0 : next.Due - Stopwatch.GetTimestamp();
            if (left <= 0)
            {
                attempt = _queue.Dequeue().Attempt;
                file = _file;
                return true;
            }

            wait = TimeSpan.FromSeconds((double)left / Stopwatch.Frequency);
        }

        attempt = default;
        file = null!;
        return false;
    }

    private bool TryTake(out BioAttempt attempt)
    {
        lock (_lock)
        {
            bool taken = _queue.TryDequeue(out Entry entry);
            attempt = entry.Attempt;
            return taken;
        }
    }

    private readonly record struct Entry(BioAttempt Attempt, long Due);
}
