using System.Runtime.CompilerServices;
using LibMultipath.RingBuffer.Interop;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.RingBuffer;

/// <summary>
/// The producing side of a ring, in the consumer's process (<see cref="UserRingBuffer.OpenProducer"/>) or in another one.
/// There is one at a time, and it may be used by many threads: reserving takes turns (unless it is opened with
/// <see cref="UserRingFlags.OneThreadReserves"/>), writing and giving up do not.
/// </summary>
/// <remarks>
/// <para>Records come to the consumer in the order in which they were reserved. What is written before
/// <see cref="UserRingReservation.Submit"/> is seen by the handler.</para>
/// <para>If the process ends, what it has submitted stays; what it has reserved and not given up is discarded by the next
/// producer, or by <see cref="UserRingBuffer.SkipDead"/>.</para>
/// <para>It may be disposed while other threads are in its calls: waits are ended, and the others come out with
/// <see cref="ObjectDisposedException"/> or have been in time. With <see cref="UserRingFlags.OneThreadReserves"/> that is so of
/// waits and of giving up, while <see cref="TryReserve"/> and <see cref="TryWrite"/> must not be under way. Reservations that are
/// still held can be given up as ever; until then it counts as there. Not so when the ring is poisoned: nobody can tell then
/// what is reserved, and the producer is gone with <see cref="Dispose"/>. Threads that still write to their reservations have to
/// end before the consumer resets the ring, or they write into records of the next producer.</para>
/// <para>A producer that is killed while it starts a child process counts as there until the child has executed its program.</para>
/// </remarks>
public sealed unsafe partial class UserRingProducer : IDisposable
{
    private readonly RingMemory _memory;
    private readonly SafeFileHandle _data;
    private readonly RoomPoint _room;
    private readonly Lock _late = new();
    private bool _disposed;
    private ProducerState _state;

    private UserRingProducer(RingMemory memory, SafeFileHandle data, bool takesTurns)
    {
        _memory = memory;
        _data = data;
        _room = new RoomPoint(memory, data);
        _state.TakesTurns = takesTurns;
        _state.Size = memory.Size;
        _state.Data = memory.Data;
        _state.Producer = memory.Producer;
        _state.Consumer = memory.Consumer;
        _state.Consumed = Volatile.Read(ref memory.Consumer->Position);
    }

    /// <summary>Of the data, in bytes. The largest record is 8 bytes smaller.</summary>
    public int Size => (int)_state.Size;

    /// <summary>How many bytes of the ring are free, the headers of records included; more may be when this returns.</summary>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public int Free
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ulong used = Volatile.Read(ref _memory.Producer->Position) - Volatile.Read(ref _memory.Consumer->Position);
            return (int)Math.Min(_state.Size, _state.Size - used);
        }
    }

    /// <summary>Opens a ring as its producer. What a producer that died had reserved is discarded.</summary>
    /// <param name="descriptors">Of <see cref="UserRingBuffer.DescriptorsForProducer"/>, from this or another process; they stay the caller's.</param>
    /// <param name="flags">How it is mapped, and who reserves.</param>
    /// <exception cref="UserRingException">
    /// EINVAL: these are no descriptors of a ring, the flags are not known, or the ring is poisoned and has to be reset. EBUSY:
    /// it has a producer, or the consumer is just skipping what one has left; try again then. Or the system's error.
    /// </exception>
    public static UserRingProducer Open(UserRingDescriptors descriptors, UserRingFlags flags = UserRingFlags.None)
    {
        int size = RingFiles.Check(descriptors, asConsumer: false);
        return OpenWith(
            descriptors.Data,
            () =>
            {
                RingMemory memory = RingMemory.Map(descriptors.ConsumerPage, descriptors.Data, size, asConsumer: false, flags);
                try
                {
                    memory.CheckIdentity();
                    return memory;
                }
                catch (UserRingException)
                {
                    memory.Dispose();
                    throw;
                }
            },
            flags);
    }

    /// <summary>As the other, with memory that is mapped when it is known that there is no other producer.</summary>
    internal static UserRingProducer OpenWith(SafeFileHandle file, Func<RingMemory> map, UserRingFlags flags)
    {
        flags.Check(UserRingFlags.Populate | UserRingFlags.OneThreadReserves);
        SafeFileHandle data = RingFiles.Reopen(file, writable: true);
        RingMemory? memory = null;
        try
        {
            RingFiles.Lock(data, "producer");
            memory = map();
            UserRingFault? fault = RingWalk.DiscardBusy(memory, out _);
            if (fault is not null)
            {
                throw RingFiles.Wrong($"the record at {fault.Position} is malformed (header 0x{fault.Header:x8}, produced {fault.ProducerPosition})", $"have the consumer reset it ({nameof(UserRingBuffer)}.{nameof(UserRingBuffer.Reset)})");
            }

            // Who waited for room when the last producer died does not any more.
            memory.Producer->Sleepers = 0;
            return new UserRingProducer(memory, data, takesTurns: (flags & UserRingFlags.OneThreadReserves) == 0);
        }
        catch
        {
            memory?.Leave();
            Unlock(data);
            throw;
        }
    }

    /// <summary>Leaves the ring, so that another producer can open it. Ends waits; nothing that was submitted is lost.</summary>
    public void Dispose()
    {
        lock (_late)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        _room.Close();
        for (SpinWait spin = default; Interlocked.CompareExchange(ref _state.Gate, ProducerState.Closed, ProducerState.Free) != ProducerState.Free;)
        {
            spin.SpinOnce();
        }

        LetGo();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void GiveUp(uint* header, uint length, uint flag)
    {
        if (Volatile.Read(ref _state.Gate) == ProducerState.Closed)
        {
            GiveUpLate(header, length, flag);
            return;
        }

        Settle(header, length, flag);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Settle(uint* header, uint length, uint flag)
    {
        uint busy = length | RecordHeader.Busy;
        if (Interlocked.CompareExchange(ref *header, length | flag, busy) != busy)
        {
            ThrowGivenUp();
        }

        // The exchange is a full fence: see WaitPoint.
        if (Volatile.Read(ref _state.Consumer->Sleepers) != 0)
        {
            WakeConsumer();
        }

        // Either who has closed it meanwhile saw the record settled, or this sees that it was closed.
        if (Volatile.Read(ref _state.Gate) == ProducerState.Closed)
        {
            LetGo();
        }

        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WakeConsumer()
    {
        Interlocked.Increment(ref *_memory.RecordWord);
        Futex.Wake(_memory.RecordWord);
    }

    // A reservation that has outlived its producer.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GiveUpLate(uint* header, uint length, uint flag)
    {
        lock (_late)
        {
            ObjectDisposedException.ThrowIf(_data.IsClosed, this);
            Settle(header, length, flag);
        }
    }

    // While a reservation is held its memory stays, and so does the lock: nobody else may have its place.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LetGo()
    {
        lock (_late)
        {
            if (_data.IsClosed)
            {
                return;
            }

            UserRingFault? fault = RingWalk.FindBusy(_memory, out bool isBusy);
            if (fault is not null)
            {
                // Nobody can tell what is reserved. The memory goes when nobody has a reservation, or this object, any more.
                Unlock(_data);
            }
            else if (!isBusy)
            {
                // Who has settled the last record may come too late to wake.
                if (Volatile.Read(ref _state.Consumer->Sleepers) != 0)
                {
                    WakeConsumer();
                }

                Unlock(_data);
                _memory.Leave();
            }
        }
    }

    // A child that was forked and has not executed yet has a copy of the descriptor, which would keep the lock.
    private static void Unlock(SafeFileHandle data)
    {
        Libc.Unlock(data);
        data.Dispose();
    }

    private static void ThrowGivenUp() =>
        throw new InvalidOperationException("The reservation was given up through a copy of it, or its header was overwritten; do not copy reservations, and write only to their span.");
}
