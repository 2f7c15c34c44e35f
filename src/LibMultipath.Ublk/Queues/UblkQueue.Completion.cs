using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.IoUring.Loops;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Interop;

namespace LibMultipath.Ublk.Queues;

// How requests come back from the target, on whatever thread, and how the queue ends.
public sealed unsafe partial class UblkQueue
{
    /// <summary>Ends a request. Any thread.</summary>
    /// <returns>False if it was not the target's any more.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Complete(int tag, int sequence, int result, ulong appendSector)
    {
        ref UblkTag state = ref _tags[tag];
        if (Interlocked.CompareExchange(ref state.Sequence, NextEven(sequence), sequence) != sequence)
        {
            return CompleteLate(ref state, sequence);
        }

        state.Result = result;
        state.AppendSector = appendSector;
        if (Loop.IsCurrent)
        {
            Commit(tag, ref state);
        }
        else
        {
            HandOver(tag, ref state);
        }

        return true;
    }

    /// <summary>With user copy: reads from the request's pages.</summary>
    internal Errno CopyIn(int tag, void* buffer, nuint length, bool integrity)
    {
        try
        {
            nint done = Libc.Read(_device, buffer, length, PositionOf(tag, integrity, 0));
            return done == (nint)length ? Errno.None : done < 0 ? Libc.LastError : Errno.EIO;
        }
        catch (ObjectDisposedException)
        {
            // The device was let go, and the request with it.
            return Errno.EIO;
        }
    }

    /// <summary>With user copy: writes to the request's pages.</summary>
    internal Errno CopyOut(int tag, void* buffer, nuint length, bool integrity, int offset = 0)
    {
        if (length == 0)
        {
            return Errno.None;
        }

        try
        {
            nint done = Libc.Write(_device, buffer, length, PositionOf(tag, integrity, offset));
            return done == (nint)length ? Errno.None : done < 0 ? Libc.LastError : Errno.EIO;
        }
        catch (ObjectDisposedException)
        {
            return Errno.EIO;
        }
    }

    /// <summary>
    /// Lets the kernel's side go. What is with the target stays its own until it is completed, and so does its buffer.
    /// On the loop's thread, or once the loop is disposed; a second call does nothing.
    /// </summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _commands?.Dispose();
        _orphans = 1;
        if (_commands is not null && !IsEnded)
        {
            // The kernel's share.
            _orphans++;
            Loop.Keep(new LastShare(this));
        }

        for (int tag = FirstTag; tag < FirstTag + TagCount; tag++)
        {
            ref UblkTag state = ref _tags[tag];
            int sequence = Volatile.Read(ref state.Sequence);
            if ((sequence & 1) != 0)
            {
                Interlocked.Increment(ref _orphans);
                if (Interlocked.CompareExchange(ref state.Sequence, sequence | UblkTag.Orphan, sequence) != sequence)
                {
                    Interlocked.Decrement(ref _orphans);
                }
            }
        }

        // The device must not stay mapped; but a target may still look at its requests, those that are over included, so
        // the copy stays until nobody has a request of the queue any more.
        try
        {
            _descriptors.MakePrivate();
        }
        finally
        {
            if (_toldStart)
            {
                // What it completes in there is too late for the kernel, as everything from here on is.
                TellTarget(static (target, queue) => target.QueueEnded(queue));
            }

            DropOrphan();
        }
    }

    private static int NextEven(int sequence) => (sequence + 1) & ~UblkTag.Orphan;

    private static long PositionOf(ushort queue, int tag, bool integrity, int offset) =>
        UblkIo.BufferPosition(queue, tag, offset) | (integrity ? (long)UblkIo.UBLKSRV_IO_INTEGRITY_FLAG : 0);

    private long PositionOf(int tag, bool integrity, int offset) => PositionOf((ushort)QueueId, tag, integrity, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Commit(int tag, ref UblkTag state)
    {
        if (!Loop.Ring.TryReserve(QueueCommands.MostAtOnce))
        {
            // The kernel takes nothing more in this turn: in the next one.
            HandOver(tag, ref state);
            return;
        }

        _withTarget--;
        int result = state.Result;
        _commands!.Commit(tag, ref state);
        try
        {
            _target.Committed(this, tag, result);
        }
        catch (Exception exception)
        {
            TargetThrew(exception);
        }
    }

    // The list is the tags themselves; who finds it empty tells the loop.
    private void HandOver(int tag, ref UblkTag state)
    {
        int head = Volatile.Read(ref _completed);
        while (true)
        {
            state.Next = head;
            int seen = Interlocked.CompareExchange(ref _completed, tag, head);
            if (seen == head)
            {
                break;
            }

            head = seen;
        }

        if (head == UblkTag.None)
        {
            Loop.TryPost(_drain);
        }
    }

    private void CommitHandedOver()
    {
        if (_disposed || Loop.Ring.IsDisposed)
        {
            return;
        }

        int tag = Interlocked.Exchange(ref _completed, UblkTag.None);
        int first = UblkTag.None;
        while (tag != UblkTag.None)
        {
            ref UblkTag state = ref _tags[tag];
            (state.Next, first, tag) = (first, tag, state.Next);
        }

        while (first != UblkTag.None)
        {
            ref UblkTag state = ref _tags[first];
            tag = first;
            first = state.Next;
            Commit(tag, ref state);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool CompleteLate(ref UblkTag state, int sequence)
    {
        int orphan = sequence | UblkTag.Orphan;
        if (Interlocked.CompareExchange(ref state.Sequence, NextEven(sequence), orphan) == orphan)
        {
            // The queue is gone, the kernel has ended the request by itself; the target has given the buffer back.
            DropOrphan();
            return false;
        }

        Interlocked.Increment(ref _staleCompletions);
        if (_faults.TryTake(out int suppressed))
        {
            _logger.StaleCompletion(Shape.DeviceId, QueueId, suppressed);
        }

        return false;
    }

    private void DropOrphan()
    {
        if (Interlocked.Decrement(ref _orphans) == 0)
        {
            for (int tag = FirstTag; tag < FirstTag + TagCount; tag++)
            {
                _tags[tag].Buffer = 0;
            }

            _buffers.Dispose();
        }
    }

    private sealed class LastShare(UblkQueue queue) : IDisposable
    {
        public void Dispose() => queue.DropOrphan();
    }

    private sealed class DrainWork(UblkQueue queue) : RingWork
    {
        protected override void Run() => queue.CommitHandedOver();
    }
}
