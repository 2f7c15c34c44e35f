using System.Runtime.CompilerServices;
using LibMultipath.Block;

namespace LibMultipath.RingBuffer;

// The way of a record into the ring. No allocation; one interlocked instruction to reserve, one to give up.
public sealed unsafe partial class UserRingProducer
{
    /// <summary>Reserves room for a record (<c>user_ring_buffer__reserve</c>). Any thread; does not block.</summary>
    /// <param name="size">Of the record, in bytes: 0 to the size of the ring less 8.</param>
    /// <param name="reservation">The room, to be written and given up; none unless 0 is returned.</param>
    /// <returns>0; E2BIG if a record of that size can never be, a negative one included; ENOSPC if there is no room now.</returns>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Errno TryReserve(int size, out UserRingReservation reservation)
    {
        ulong total = RecordHeader.Total((uint)size);
        if (((uint)size & (RecordHeader.Busy | RecordHeader.Discard)) != 0 || total > _state.Size)
        {
            reservation = default;
            return Errno.E2BIG;
        }

        if (_state.TakesTurns
            ? Interlocked.CompareExchange(ref _state.Gate, ProducerState.Taken, ProducerState.Free) != ProducerState.Free
            : _state.Gate != ProducerState.Free)
        {
            EnterSlowly();
        }

        ulong position = _state.Producer->Position;
        ulong end = position + total;
        if (end - _state.Consumed > _state.Size && !HasRoom(end))
        {
            if (_state.TakesTurns)
            {
                Volatile.Write(ref _state.Gate, ProducerState.Free);
            }

            reservation = default;
            return Errno.ENOSPC;
        }

        byte* header = _state.Data + (position & (_state.Size - 1));

        // Both halves at once. Busy, before the position says that there is a record.
        *(ulong*)header = (uint)size | RecordHeader.Busy;
        Volatile.Write(ref _state.Producer->Position, end);
        if (_state.TakesTurns)
        {
            Volatile.Write(ref _state.Gate, ProducerState.Free);
        }

        reservation = new UserRingReservation(this, (uint*)header, size);
        return Errno.None;
    }

    /// <summary>Copies a record into the ring and submits it. Any thread; does not block.</summary>
    /// <param name="record">The record.</param>
    /// <returns>As of <see cref="TryReserve"/>.</returns>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public Errno TryWrite(ReadOnlySpan<byte> record)
    {
        Errno error = TryReserve(record.Length, out UserRingReservation reservation);
        if (error == Errno.None)
        {
            record.CopyTo(reservation.Span);
            reservation.Submit();
        }

        return error;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool HasRoom(ulong end)
    {
        // Acquires: the consumer has read what was there before.
        _state.Consumed = Volatile.Read(ref _state.Consumer->Position);
        return end - _state.Consumed <= _state.Size;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EnterSlowly()
    {
        SpinWait spin = default;
        while (true)
        {
            int gate = Volatile.Read(ref _state.Gate);
            ObjectDisposedException.ThrowIf(gate == ProducerState.Closed, this);
            if (gate == ProducerState.Free
                && Interlocked.CompareExchange(ref _state.Gate, ProducerState.Taken, ProducerState.Free) == ProducerState.Free)
            {
                return;
            }

            spin.SpinOnce();
        }
    }
}
