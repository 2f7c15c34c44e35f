using System.Runtime.CompilerServices;
using LibMultipath.IoUring.Abi;

namespace LibMultipath.IoUring.Loops;

// What the loop does, a turn at a time.
public sealed partial class RingLoop
{
    /// <summary>
    /// One turn: does what other threads have posted, submits, waits if there is nothing to do, and hands out what has
    /// completed.
    /// </summary>
    /// <param name="timeout">How long to wait at most; zero not to wait, <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <returns>Whether there was anything to do.</returns>
    /// <exception cref="InvalidOperationException">The loop is not the calling thread's.</exception>
    public bool Poll(TimeSpan timeout)
    {
        EnsureCurrent();
        bool did = RunPosted();
        foreach (IRingChannel channel in _gathering)
        {
            channel.Submitting();
        }

        if (Ring.ReadyCompletions == 0)
        {
            did |= Wait(did ? TimeSpan.Zero : timeout);
        }
        else if (Ring.Unsubmitted != 0)
        {
            Ring.Submit();
        }

        return HandOut() || did;
    }

    /// <summary>Turns until <see cref="Stop"/> or the token.</summary>
    /// <param name="cancellationToken">Ends it; so does <see cref="Stop"/>.</param>
    public void Run(CancellationToken cancellationToken = default)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static loop => ((RingLoop)loop!).Stop(), this);
        while (!IsStopped)
        {
            Poll(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Puts work on the loop's thread, in order for each poster. Any thread; allocates nothing.</summary>
    /// <param name="work">It is not posted already.</param>
    /// <exception cref="InvalidOperationException">It is.</exception>
    public void Post(RingWork work)
    {
        if (!TryPost(work))
        {
            throw new InvalidOperationException("The work is posted already.");
        }
    }

    /// <summary>Puts work on the loop's thread, unless it is there already and has not begun. Any thread.</summary>
    /// <param name="work">What to do.</param>
    /// <returns>Whether it was put there by this call.</returns>
    public bool TryPost(RingWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (Interlocked.Exchange(ref work.Posted, 1) != 0)
        {
            return false;
        }

        RingWork? head = Volatile.Read(ref _inbox);
        while (true)
        {
            work.Next = head;
            RingWork? seen = Interlocked.CompareExchange(ref _inbox, work, head);
            if (seen == head)
            {
                break;
            }

            head = seen;
        }

        // Not only who found the list empty: that thread may be kept from it, and the others' work must not wait.
        _waker.Wake();
        return true;
    }

    /// <summary>Ends <see cref="Run"/>, and a wait. Any thread.</summary>
    public void Stop()
    {
        Interlocked.Exchange(ref _stopped, 1);
        _waker.Wake();
    }

    private void EnsureCurrent()
    {
        if (s_current != this)
        {
            throw new InvalidOperationException("Only the thread that the loop is attached to drives it.");
        }
    }

    private bool Wait(TimeSpan timeout)
    {
        if (timeout == TimeSpan.Zero)
        {
            // Also lets the kernel put down what it holds back for this thread.
            if (Ring.Unsubmitted != 0 || Ring.KernelHoldsCompletions)
            {
                Ring.SubmitAndWait(0, TimeSpan.Zero);
            }

            return false;
        }

        if (!_waker.TryArm())
        {
            // The kernel takes nothing more: it is asked for completions, and again in the next turn.
            Ring.SubmitAndWait(0, TimeSpan.Zero);
            return true;
        }

        _waker.Park();
        try
        {
            if (Volatile.Read(ref _inbox) is not null || _due is not null || IsStopped)
            {
                Ring.SubmitAndWait(0, TimeSpan.Zero);
                return true;
            }

            return Ring.SubmitAndWait(1, timeout);
        }
        finally
        {
            _waker.Unpark();
        }
    }

    // What has been handed out makes submissions, which wait for the next turn, so that they go together.
    private bool HandOut()
    {
        uint ready = Ring.ReadyCompletions;
        for (uint i = 0; i < ready; i++)
        {
            ref io_uring_cqe cqe = ref Ring.NextCompletion();
            ulong data = cqe.user_data;
            int result = cqe.res;
            CqeFlags flags = cqe.flags;
            Ring.ConsumeCompletion();

            int channel = (int)(data >> ChannelShift);
            if (channel == 0)
            {
                HandToOperation((int)data, result, flags);
            }
            else if (channel < _channels.Count)
            {
                _channels[channel]?.Completed(data & DataMask, result, flags);
            }
        }

        return ready != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void HandToOperation(int slot, int result, CqeFlags flags)
    {
        RingOperation? operation = (uint)slot < (uint)_operations.Length ? _operations[slot] : null;
        if (operation is null)
        {
            // Somebody filled an entry of the ring without a number of the loop's.
            return;
        }

        if ((flags & CqeFlags.More) == 0)
        {
            operation.Slot = RingOperation.NoSlot;
            _operations[slot] = null;
            _freeSlots[_freeCount++] = slot;
        }

        operation.Completed(result, flags);
    }

    // What is posted while this runs waits for the next turn, so that work that posts itself again cannot keep
    // completions waiting. What an exception keeps from running is still there then.
    private bool RunPosted()
    {
        if (_due is null && !TakeInbox())
        {
            return false;
        }

        while (_due is { } work)
        {
            _due = work.Next;
            work.Next = null;
            Volatile.Write(ref work.Posted, 0);
            work.Run();
        }

        return true;
    }

    // The inbox has the newest first.
    private bool TakeInbox()
    {
        if (Volatile.Read(ref _inbox) is null)
        {
            return false;
        }

        RingWork? newest = Interlocked.Exchange(ref _inbox, null);
        while (newest is not null)
        {
            RingWork? older = newest.Next;
            newest.Next = _due;
            _due = newest;
            newest = older;
        }

        return true;
    }
}
