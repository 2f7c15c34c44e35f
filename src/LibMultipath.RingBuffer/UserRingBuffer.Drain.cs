using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.RingBuffer.Interop;

namespace LibMultipath.RingBuffer;

// The way of a record out of the ring. No allocation; two interlocked instructions a drain, none a record.
public sealed unsafe partial class UserRingBuffer
{
    private const UserRingDrainFlags KnownFlags = UserRingDrainFlags.NoWakeup | UserRingDrainFlags.ForceWakeup;

    /// <summary>Consumes what is there (<c>bpf_user_ringbuf_drain</c>). Any thread, one at a time; does not block.</summary>
    /// <param name="callback">Called for each record. If it throws, that record is consumed, and the exception comes out here.</param>
    /// <param name="flags">Whether producers that wait for room are woken.</param>
    /// <returns>
    /// How many records were handled, and 0; EBUSY if another drain is under way, this one's caller included; EINVAL for flags
    /// that are not known, and EINVAL or E2BIG if the ring is poisoned (<see cref="Fault"/>); EOWNERDEAD if the first record is
    /// reserved and its producer is dead (<see cref="SkipDead"/>).
    /// </returns>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public UserRingDrain Drain(UserRingCallback callback, UserRingDrainFlags flags = UserRingDrainFlags.None)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var handler = new ByDelegate(callback);
        return Drain(ref handler, flags);
    }

    /// <summary>As the other, without the call of a delegate.</summary>
    /// <typeparam name="THandler">The handler's type; a struct, so that its code is known where it is called.</typeparam>
    /// <param name="handler">Called for each record. If it throws, that record is consumed, and the exception comes out here.</param>
    /// <param name="flags">Whether producers that wait for room are woken.</param>
    /// <returns>As of the other.</returns>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public UserRingDrain Drain<THandler>(ref THandler handler, UserRingDrainFlags flags = UserRingDrainFlags.None)
        where THandler : struct, IUserRingHandler, allows ref struct
    {
        if ((flags & ~KnownFlags) != 0)
        {
            return new UserRingDrain(0, Errno.EINVAL);
        }

        int gate = Interlocked.CompareExchange(ref _state.Gate, ConsumerState.Taken, ConsumerState.Free);
        if (gate != ConsumerState.Free)
        {
            return new UserRingDrain(0, Refuse(gate));
        }

        _state.Drainer = Environment.CurrentManagedThreadId;
        ulong begin = _memory.Consumer->Position;
        _state.Next = begin;
        try
        {
            return Consume(ref handler);
        }
        finally
        {
            // Further than the position only if the handler has thrown.
            Volatile.Write(ref _memory.Consumer->Position, _state.Next);
            End(flags, hasConsumed: _state.Next != begin);
        }
    }

    private UserRingDrain Consume<THandler>(ref THandler handler)
        where THandler : struct, IUserRingHandler, allows ref struct
    {
        if (_fault is { } known)
        {
            return new UserRingDrain(0, known.Error);
        }

        ConsumerPage* consumer = _memory.Consumer;
        ProducerPage* producer = _memory.Producer;
        ulong size = _memory.Size;
        ulong position = consumer->Position;
        ulong produced = position;

        // Goes along with the position: where a record is depends on the length of the last one, so this has to be short.
        byte* record = (byte*)_memory.HeaderAt(position);
        byte* end = _memory.Data + size;
        int handled = 0;
        for (int consumed = 0; consumed < MaxRecordsPerDrain; consumed++)
        {
            if (position == produced)
            {
                produced = Volatile.Read(ref producer->Position);
                if (produced % RecordHeader.Size != 0)
                {
                    return new UserRingDrain(handled, Poison(position, produced, 0, Errno.EINVAL));
                }

                if (position >= produced)
                {
                    break;
                }
            }

            // Read once: what is checked is what is used, whatever the producer writes meanwhile.
            uint header = Volatile.Read(ref *(uint*)record);
            uint length = RecordHeader.LengthOf(header);
            ulong total = RecordHeader.Total(length);
            Errno error = RecordHeader.Check(total, produced - position, size);
            if (error != Errno.None)
            {
                return new UserRingDrain(handled, Poison(position, produced, header, error));
            }

            if ((header & (RecordHeader.Busy | RecordHeader.Discard)) == RecordHeader.Busy)
            {
                return new UserRingDrain(handled, consumed == 0 && IsDead((uint*)record, header) ? Errno.EOWNERDEAD : Errno.None);
            }

            int stop = 0;
            _state.Next = position + total;
            if ((header & RecordHeader.Discard) == 0)
            {
                consumer->InHand = position + 1;
                stop = handler.Handle(new UserRingRecord(new ReadOnlySpan<byte>(record + RecordHeader.Size, (int)length), position));
                handled++;
            }

            // Each record by itself, so that its room is free at once, and so that no more than one can come twice.
            position += total;
            record += total;
            if (record >= end)
            {
                record -= size;
            }

            Volatile.Write(ref consumer->Position, position);
            if (stop != 0 || Volatile.Read(ref _state.Gate) == ConsumerState.Closed)
            {
                break;
            }
        }

        return new UserRingDrain(handled, Errno.None);
    }

    private void End(UserRingDrainFlags flags, bool hasConsumed)
    {
        // A full fence: the position before the count of those who sleep, see WaitPoint.
        _state.Drainer = 0;
        bool isClosed = Interlocked.CompareExchange(ref _state.Gate, ConsumerState.Free, ConsumerState.Taken) == ConsumerState.Closed;
        if (((flags & UserRingDrainFlags.ForceWakeup) != 0 || (hasConsumed && (flags & UserRingDrainFlags.NoWakeup) == 0))
            && Volatile.Read(ref _memory.Producer->Sleepers) != 0)
        {
            Futex.Wake(_memory.RoomWord);
        }

        if (isClosed)
        {
            Close();
        }
    }

    /// <summary>Whether a record will stay busy for ever. The lock goes after the last write of its owner, so that comes first.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsDead(uint* record, uint header) => !HasProducer && Volatile.Read(ref *record) == header;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Errno Poison(ulong position, ulong produced, uint header, Errno error)
    {
        Volatile.Write(ref _fault, new UserRingFault(position, produced, header, error));
        return error;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Errno Refuse(int gate)
    {
        ObjectDisposedException.ThrowIf(gate == ConsumerState.Closed, this);
        return Errno.EBUSY;
    }

    private readonly struct ByDelegate(UserRingCallback callback) : IUserRingHandler
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Handle(scoped in UserRingRecord record) => callback(in record);
    }
}
