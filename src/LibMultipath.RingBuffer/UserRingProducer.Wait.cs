using System.Diagnostics;
using LibMultipath.Block;

namespace LibMultipath.RingBuffer;

// Waiting for room: asleep in the kernel until a drain wakes.
public sealed partial class UserRingProducer
{
    /// <summary>
    /// Reserves room for a record, and waits for it (<c>user_ring_buffer__reserve_blocking</c>). Any thread; blocks. It does not
    /// find out that the consumer is dead: until another one takes over, a wait for ever lasts for ever.
    /// </summary>
    /// <param name="size">Of the record, in bytes.</param>
    /// <param name="timeoutMilliseconds">How long to wait at most: 0 not at all, -1 for ever. After it there is one last try.</param>
    /// <param name="reservation">The room; none unless 0 is returned.</param>
    /// <param name="cancellationToken">Ends the wait, within a tenth of a second.</param>
    /// <returns>0; E2BIG; EINVAL for a time below -1; ENOSPC if there was no room to the end.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before there was room.</exception>
    /// <exception cref="ObjectDisposedException">The producer was disposed, perhaps meanwhile.</exception>
    public Errno ReserveBlocking(int size, int timeoutMilliseconds, out UserRingReservation reservation, CancellationToken cancellationToken = default)
    {
        reservation = default;
        if (timeoutMilliseconds < Timeout.Infinite)
        {
            return Errno.EINVAL;
        }

        cancellationToken.ThrowIfCancellationRequested();
        long begin = Stopwatch.GetTimestamp();

        // Around it all: who disposes waits until nobody is inside, also where reserving takes no turns.
        _room.Enter();
        try
        {
            while (true)
            {
                Errno error = TryReserve(size, out reservation);
                if (error != Errno.ENOSPC)
                {
                    return error;
                }

                // Another thread may have taken the room that this one was woken for.
                if (!_room.Wait(size, Left(timeoutMilliseconds, begin), cancellationToken))
                {
                    return TryReserve(size, out reservation);
                }
            }
        }
        finally
        {
            _room.Leave();
        }
    }

    /// <summary>
    /// Waits until there is room for a record, which another thread may take first: then wait again. The asynchronous half
    /// of <see cref="ReserveBlocking"/>, as a reservation cannot live across an await, and as long as that when the consumer is
    /// dead. One thread of the ring's own sleeps for all that await.
    /// </summary>
    /// <param name="size">Of the record, in bytes.</param>
    /// <param name="timeoutMilliseconds">How long to wait at most: 0 not at all, -1 for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>0; E2BIG; EINVAL for a time below -1; ENOSPC if there was no room to the end.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before there was room.</exception>
    /// <exception cref="ObjectDisposedException">The producer was disposed, perhaps meanwhile.</exception>
    public async ValueTask<Errno> WaitForRoomAsync(int size, int timeoutMilliseconds, CancellationToken cancellationToken = default)
    {
        if (timeoutMilliseconds < Timeout.Infinite)
        {
            return Errno.EINVAL;
        }

        if (!Fits(size))
        {
            return Errno.E2BIG;
        }

        return await _room.WaitAsync(size, timeoutMilliseconds, cancellationToken).ConfigureAwait(false) ? Errno.None : Errno.ENOSPC;
    }

    /// <summary>Copies a record into the ring and submits it, when there is room.</summary>
    /// <param name="record">The record.</param>
    /// <param name="timeoutMilliseconds">How long to wait at most: 0 not at all, -1 for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>As of <see cref="ReserveBlocking"/>.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before there was room.</exception>
    /// <exception cref="ObjectDisposedException">The producer was disposed, perhaps meanwhile.</exception>
    public async ValueTask<Errno> WriteAsync(ReadOnlyMemory<byte> record, int timeoutMilliseconds = Timeout.Infinite, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        long begin = Stopwatch.GetTimestamp();
        while (true)
        {
            Errno error = timeoutMilliseconds < Timeout.Infinite ? Errno.EINVAL : TryWriteInside(record.Span);
            if (error != Errno.ENOSPC)
            {
                return error;
            }

            error = await WaitForRoomAsync(record.Length, Left(timeoutMilliseconds, begin), cancellationToken).ConfigureAwait(false);
            if (error != Errno.None)
            {
                return error;
            }
        }
    }

    private Errno TryWriteInside(ReadOnlySpan<byte> record)
    {
        _room.Enter();
        try
        {
            return TryWrite(record);
        }
        finally
        {
            _room.Leave();
        }
    }

    private static int Left(int milliseconds, long begin) =>
        milliseconds < 0 ? Timeout.Infinite : (int)Math.Max(0, milliseconds - (long)Stopwatch.GetElapsedTime(begin).TotalMilliseconds);

    private bool Fits(int size) =>
        ((uint)size & (RecordHeader.Busy | RecordHeader.Discard)) == 0 && RecordHeader.Total((uint)size) <= _state.Size;
}
