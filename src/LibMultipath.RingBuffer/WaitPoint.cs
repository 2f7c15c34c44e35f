using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.RingBuffer.Interop;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.RingBuffer;

/// <summary>
/// Where one side sleeps until the other one has done something: on a word that the other side changes.
/// </summary>
/// <remarks>
/// Who sleeps counts itself in, with a full fence, then reads the word, then looks whether it has to sleep, and sleeps only
/// if the word is still what it read. Who does something does it, then, after a full fence, looks at the count, and if it
/// is not 0 changes the word if that is not what it has done anyway, and wakes. So if the one that wakes does not see
/// the count, the one that sleeps sees what was done; if it does, the word has changed or the sleeper is woken.
/// </remarks>
internal abstract unsafe partial class WaitPoint(RingMemory memory, SafeFileHandle locked, bool looksAgain)
{
    /// <summary>How long a sleep is in which something has to be looked at that wakes nobody: a token, or whether the other side is alive.</summary>
    private const long SliceMilliseconds = 100;

    private const int Closed = 1 << 30;

    // How many are inside, and whether it is closed.
    private int _inside;

    // While somebody waits, the next one of this side must not come and count the sleepers anew, even if this one was forgotten.
    private readonly SafeFileHandle _locked = locked;

    protected RingMemory Memory { get; } = memory;

    protected abstract uint* Word { get; }

    protected abstract int* Sleepers { get; }

    /// <summary>Whether there is nothing to wait for any more.</summary>
    /// <param name="size">Of what: in bytes.</param>
    public abstract bool IsMet(int size);

    /// <summary>Blocks until it is met.</summary>
    /// <param name="size">As for <see cref="IsMet"/>.</param>
    /// <param name="milliseconds">How long at most; -1 for ever.</param>
    /// <param name="cancellationToken">Gives up; looked at ten times a second.</param>
    /// <returns>False when the time was over first.</returns>
    public bool Wait(int size, int milliseconds, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Enter();
        try
        {
            return IsMet(size) || (milliseconds != 0 && Sleep(size, milliseconds, cancellationToken));
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Ends all waits; returns when none is left. Nothing can be waited for afterwards.</summary>
    public void Close()
    {
        Interlocked.Or(ref _inside, Closed);
        EndThread();
        for (SpinWait spin = default; Volatile.Read(ref _inside) != Closed; spin.SpinOnce())
        {
            // Again and again: one may be on its way into the kernel. Another process that is woken sleeps on.
            Futex.Wake(Word);
        }
    }

    private bool IsClosed => (Volatile.Read(ref _inside) & Closed) != 0;

    /// <summary>Keeps <see cref="Close"/> from returning. Throws if it was called.</summary>
    public void Enter()
    {
        if ((Interlocked.Increment(ref _inside) & Closed) != 0)
        {
            Leave();
            throw Gone();
        }
    }

    /// <summary>After <see cref="Enter"/>.</summary>
    public void Leave() => Interlocked.Decrement(ref _inside);

    private bool Look(int size)
    {
        Enter();
        try
        {
            return IsMet(size);
        }
        finally
        {
            Leave();
        }
    }

    private static ObjectDisposedException Gone() => new(null, "The ring was disposed.");

    private bool Sleep(int size, int milliseconds, CancellationToken cancellationToken)
    {
        long begin = Stopwatch.GetTimestamp();
        Interlocked.Increment(ref *Sleepers);
        try
        {
            while (true)
            {
                uint seen = Volatile.Read(ref *Word);
                if (IsMet(size))
                {
                    return true;
                }

                if (!SleepOnce(seen, begin, milliseconds, cancellationToken))
                {
                    return false;
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref *Sleepers);
        }
    }

    /// <summary>Sleeps until it is worth looking again.</summary>
    /// <returns>False when the time is over.</returns>
    private bool SleepOnce(uint seen, long begin, int milliseconds, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (IsClosed)
            {
                throw Gone();
            }

            cancellationToken.ThrowIfCancellationRequested();
            long left = milliseconds < 0 ? long.MaxValue : milliseconds - (long)Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            if (left <= 0)
            {
                return false;
            }

            bool sliced = looksAgain || cancellationToken.CanBeCanceled;
            Errno error = Futex.Wait(Word, seen, sliced ? Math.Min(left, SliceMilliseconds) : milliseconds < 0 ? -1 : left);

            // Who was not woken does not look for room either: a drain may have wanted that. The next slice does, if there is one.
            if (looksAgain || error is Errno.None or Errno.EAGAIN)
            {
                return true;
            }
        }
    }
}
