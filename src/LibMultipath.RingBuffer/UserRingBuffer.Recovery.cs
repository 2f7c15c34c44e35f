using LibMultipath.Block;
using LibMultipath.RingBuffer.Interop;

namespace LibMultipath.RingBuffer;

// After a producer that died, or did what it must not.
public sealed unsafe partial class UserRingBuffer
{
    /// <summary>
    /// Discards what a producer that is gone has reserved and not given up. What it has submitted stays, in its order. Any
    /// thread; does not block. A new producer does the same when it opens the ring.
    /// </summary>
    /// <param name="count">How many records were discarded.</param>
    /// <returns>0; EBUSY if the ring has a producer, or is being drained; EINVAL or E2BIG if it is poisoned. Or the system's error of the lock.</returns>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public Errno SkipDead(out int count)
    {
        int discarded = 0;
        Errno error = AsProducer(() =>
        {
            UserRingFault? fault = _fault ?? RingWalk.DiscardBusy(_memory, out discarded);
            Volatile.Write(ref _fault, fault);
            return fault?.Error ?? Errno.None;
        });
        count = discarded;
        return error;
    }

    /// <summary>
    /// Makes a ring usable again that is poisoned: what was produced and not consumed is lost, and the producer's position is
    /// the consumer's. Any thread; does not block. The producer has to be gone first, as it may still write where it has
    /// reserved: its reservations too, which a producer that was disposed in a poisoned ring does not wait for. A ring with one
    /// that does not go is best disposed.
    /// </summary>
    /// <returns>0; EBUSY if the ring has a producer, or is being drained. Or the system's error of the lock.</returns>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public Errno Reset() => AsProducer(() =>
    {
        Volatile.Write(ref _memory.Producer->Position, _memory.Consumer->Position);
        Volatile.Write(ref _fault, null);
        return Errno.None;
    });

    /// <summary>Finds the record that the last consumer was killed with, and discards it if it is not wanted.</summary>
    private void FindInHand(bool skip)
    {
        ulong position = _memory.Consumer->Position;
        if (_memory.Consumer->InHand != position + 1)
        {
            return;
        }

        InHand = position;

        // What else stands in the header, the drain looks at.
        if (skip && Volatile.Read(ref _memory.Producer->Position) > position)
        {
            Interlocked.Or(ref *_memory.HeaderAt(position), RecordHeader.Discard);
        }
    }

    /// <summary>Does something while there is neither a producer nor a drain.</summary>
    private Errno AsProducer(Func<Errno> action)
    {
        int gate = Interlocked.CompareExchange(ref _state.Gate, ConsumerState.Taken, ConsumerState.Free);
        if (gate != ConsumerState.Free)
        {
            return Refuse(gate);
        }

        try
        {
            Errno error = Libc.Lock(_files.Data);
            if (error != Errno.None)
            {
                return error is Errno.EAGAIN or Errno.EACCES ? Errno.EBUSY : error;
            }

            try
            {
                return action();
            }
            finally
            {
                Libc.Unlock(_files.Data);
            }
        }
        finally
        {
            if (Interlocked.CompareExchange(ref _state.Gate, ConsumerState.Free, ConsumerState.Taken) == ConsumerState.Closed)
            {
                Close();
            }
        }
    }
}
