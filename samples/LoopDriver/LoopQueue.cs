using System.Diagnostics;
using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>
/// The attempts that no worker has begun, and the descriptor that they are for: one lock protects both, so that an
/// attempt that a worker takes comes with the descriptor that it is to use, and none is left behind by a failure.
/// </summary>
/// <remarks>
/// Whoever takes an attempt off, and nobody else, ends it, and not inside the lock, because whatever the end sets off
/// may come back here. The threads are the path's own: the pool's may all be waiting for this disk.
/// </remarks>
internal sealed class LoopQueue
{
    private readonly object _lock = new();
    private readonly Queue<Entry> _queue = new();
    private readonly long _delay;
    private SafeFileHandle? _file;
    private bool _stopped;

    public LoopQueue(string name, LoopOptions options, SafeFileHandle file)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Workers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Delay, TimeSpan.Zero);
        _delay = (long)(options.Delay.TotalSeconds * Stopwatch.Frequency);
        _file = file;
        for (int i = 0; i < options.Workers; i++)
        {
            new Thread(Work) { IsBackground = true, Name = $"{name}/{i}" }.Start();
        }
    }

    /// <summary>Whether there is no descriptor.</summary>
    public bool IsClosed => Volatile.Read(ref _file) is null;

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
            return true;
        }
    }

    /// <summary>Gives an attempt back to the caller; false if a worker has begun it, or it is over.</summary>
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

    /// <summary>Ends what no worker has begun as a path failure.</summary>
    public void AbortAll()
    {
        while (TryTake(out BioAttempt attempt))
        {
            attempt.FailPath(BlockStatus.Transport);
        }
    }

    /// <summary>
    /// Closes the descriptor: what no worker has begun ends as a path failure, what is in a system call ends as it
    /// ends, and the last such call lets the descriptor's number go.
    /// </summary>
    public void Close()
    {
        SafeFileHandle? file;
        lock (_lock)
        {
            file = _file;
            Volatile.Write(ref _file, null);
        }

        file?.Dispose();
        AbortAll();
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
            _stopped = true;
            Monitor.PulseAll(_lock);
        }
    }

    private void Work()
    {
        using var io = new LoopIo();
        while (WaitForNext(out BioAttempt attempt, out SafeFileHandle file))
        {
            End(attempt, io, file);
        }
    }

    private static void End(BioAttempt attempt, LoopIo io, SafeFileHandle file)
    {
        Bio bio = attempt.Bio;
        bool syncs = bio.Op == BioOp.Flush || (bio.Flags & BioFlags.Fua) != 0;
        BlockStatus status;
        try
        {
            status = io.CarryOut(file, bio);
        }
        catch (ObjectDisposedException)
        {
            attempt.FailPath(BlockStatus.Transport);
            return;
        }

        if (syncs)
        {
            // The kernel tells of a lost write once: asked again, through any descriptor, it may well say that all
            // is safe. So this is final, whatever the status.
            attempt.Complete(status);
        }
        else
        {
            attempt.End(status);
        }
    }

    /// <summary>Waits for an attempt that is due; false when there will be none.</summary>
    private bool WaitForNext(out BioAttempt attempt, out SafeFileHandle file)
    {
        lock (_lock)
        {
            while (!_stopped)
            {
                int wait = Timeout.Infinite;
                if (_queue.TryPeek(out Entry next) && _file is not null)
                {
                    long left = next.Due == 0 ? 0 : next.Due - Stopwatch.GetTimestamp();
                    if (left <= 0)
                    {
                        attempt = _queue.Dequeue().Attempt;
                        file = _file;
                        if (_queue.Count > 0)
                        {
                            Monitor.Pulse(_lock);
                        }

                        return true;
                    }

                    wait = (int)Math.Min(int.MaxValue, 1 + (left * 1000 / Stopwatch.Frequency));
                }

                Monitor.Wait(_lock, wait);
            }
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
