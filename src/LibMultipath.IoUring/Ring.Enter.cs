using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Interop;

namespace LibMultipath.IoUring;

// The one call that submits and waits.
public sealed unsafe partial class Ring
{
    /// <summary>Submits what was filled.</summary>
    /// <returns>How many the kernel took. What it did not take stays, for the next call: it wants completions to be consumed first.</returns>
    /// <exception cref="RingException">The kernel refuses.</exception>
    /// <exception cref="InvalidOperationException">The ring is another thread's, or not enabled.</exception>
    public int Submit()
    {
        uint before = _submitted;
        while (_submitted != _sqeTail && TryEnter(0, 0, null, 0))
        {
        }

        return (int)(_submitted - before);
    }

    /// <summary>Submits what was filled, and waits until so many completions lie in the queue.</summary>
    /// <param name="count">How many; 0 only lets the kernel put there what it holds back.</param>
    /// <param name="timeout">How long; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <returns>False when the time was over first.</returns>
    /// <exception cref="RingException">The kernel refuses.</exception>
    /// <exception cref="InvalidOperationException">The ring is another thread's, or not enabled.</exception>
    public bool SubmitAndWait(uint count, TimeSpan timeout)
    {
        long start = timeout == Timeout.InfiniteTimeSpan ? 0 : Stopwatch.GetTimestamp();
        TimeSpan left = timeout;
        do
        {
            __kernel_timespec time = __kernel_timespec.From(left);
            io_uring_getevents_arg argument = new() { ts = start == 0 ? 0 : (ulong)&time };
            if (!TryEnter(count, GetEvents | ExtArg, &argument, (nuint)sizeof(io_uring_getevents_arg)))
            {
                // The kernel has no room for more submissions, or the time is over.
                return ReadyCompletions >= count;
            }

            if (start != 0)
            {
                left = timeout - Stopwatch.GetElapsedTime(start);
            }
        }
        while (ReadyCompletions < count && (start == 0 || left > TimeSpan.Zero));

        return ReadyCompletions >= count;
    }

    /// <summary>Asks the kernel for what it holds back; false if there is nothing.</summary>
    private bool FetchCompletions()
    {
        if (!KernelHoldsCompletions)
        {
            return false;
        }

        SubmitAndWait(0, TimeSpan.Zero);
        return ReadyCompletions != 0;
    }

    /// <summary>Enters the kernel once; false when it could do nothing because time or room is over.</summary>
    private bool TryEnter(uint complete, uint flags, void* argument, nuint size)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        uint submit = _sqeTail - _submitted;
        Volatile.Write(ref *_sqTail, _sqeTail);
        int taken = _system.Enter(_descriptor, submit, complete, flags, argument, size);
        _submitted = Volatile.Read(ref *_sqHead);
        if (taken >= 0)
        {
            return true;
        }

        Errno error = Libc.LastError;
        switch (error)
        {
            case Errno.EINTR:
                return true;
            case Errno.ETIME or Errno.EBUSY or Errno.EAGAIN:
                return false;
            case Errno.EEXIST:
                throw new InvalidOperationException("The ring belongs to the thread that enabled it; another one must not use it.");
            case Errno.EBADFD:
                throw new InvalidOperationException("The ring is not enabled; call Enable on the thread that is to use it.");
            default:
                throw new RingException(error, "submitting to a ring (io_uring_enter)");
        }
    }
}
