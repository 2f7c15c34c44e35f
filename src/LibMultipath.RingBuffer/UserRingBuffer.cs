using System.Runtime.CompilerServices;
using LibMultipath.RingBuffer.Interop;

namespace LibMultipath.RingBuffer;

/// <summary>
/// A ring of records in memory that processes share, and its consuming side. Producers
/// (<see cref="OpenProducer"/>, <see cref="UserRingProducer.Open"/>) feed it from this process or another one, with the
/// semantics of the kernel's user ring buffer (<c>BPF_MAP_TYPE_USER_RINGBUF</c>) and its layout.
/// </summary>
/// <remarks>
/// <para>There is one consumer at a time, and one call of <see cref="Drain(UserRingCallback, UserRingDrainFlags)"/>; any thread may
/// make it. The memory lives as long as anybody has it open or mapped: another process that has the descriptors can
/// <see cref="TakeOver"/> when the consumer is gone.</para>
/// <para>A producer is not believed: whatever it writes, the consumer reads nothing outside of the ring, and ends.</para>
/// <para>A record is consumed when the handler has returned from it. If the consumer's process ends inside the handler,
/// nobody knows how much of it was done: the next consumer gets that one record again, first, and finds its position in
/// <see cref="InHand"/>; with <see cref="UserRingFlags.SkipInHand"/> it does not get it. No other record comes twice, and none
/// is lost.</para>
/// </remarks>
public sealed unsafe partial class UserRingBuffer : IDisposable
{
    /// <summary>The largest ring, in bytes: 1 GiB.</summary>
    public const int MaxSize = 1 << 30;

    /// <summary>How many records one drain consumes at most, discarded ones included (<c>BPF_MAX_USER_RINGBUF_SAMPLES</c>).</summary>
    public const int MaxRecordsPerDrain = 128 * 1024;

    private readonly UserRingDescriptors _files;
    private readonly RingMemory _memory;
    private readonly RecordPoint _records;
    private UserRingFault? _fault;
    private ConsumerState _state;

    /// <summary>Makes a ring.</summary>
    /// <param name="options">How it is; null for the defaults.</param>
    /// <exception cref="UserRingException">EINVAL: flags that are not known. Or the system's error.</exception>
    public UserRingBuffer(UserRingOptions? options = null)
        : this(Create(options ?? new UserRingOptions()))
    {
    }

    private UserRingBuffer((UserRingDescriptors Files, RingMemory Memory) ring)
    {
        (_files, _memory) = ring;
        _records = new RecordPoint(_memory, _files.ConsumerPage, _files.Data);
        _state.Next = _memory.Consumer->Position;
    }

    /// <summary>Of the data, in bytes: a power of two of pages.</summary>
    public int Size => (int)_memory.Size;

    /// <summary>Why the ring is poisoned; null if it is not. A poisoned ring gives nothing until it is <see cref="Reset"/>.</summary>
    public UserRingFault? Fault => Volatile.Read(ref _fault);

    /// <summary>
    /// Of a ring that was taken over: the <see cref="UserRingRecord.Position"/> of the record that the last consumer's handler
    /// had not returned from when it was killed; null if there is none. It comes first, unless it was left out.
    /// </summary>
    public ulong? InHand { get; private set; }

    /// <summary>Whether a producer has it open: not one that was disposed, or whose process has ended.</summary>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public bool HasProducer => Libc.IsLocked(_files.Data);

    /// <summary>Becomes the consumer of a ring whose consumer is gone, and goes on where it was.</summary>
    /// <param name="descriptors">Of <see cref="DescriptorsForConsumer"/>, from this or another process; they stay the caller's.</param>
    /// <param name="flags">How it is mapped.</param>
    /// <exception cref="UserRingException">EINVAL: these are no descriptors of a ring for a consumer, or the flags are not known. EBUSY: it has a consumer. Or the system's error.</exception>
    public static UserRingBuffer TakeOver(UserRingDescriptors descriptors, UserRingFlags flags = UserRingFlags.None)
    {
        flags.Check(UserRingFlags.Populate | UserRingFlags.SkipInHand);
        int size = RingFiles.Check(descriptors, asConsumer: true);
        UserRingDescriptors files = Reopen(descriptors, asConsumer: true);
        try
        {
            RingMemory memory = Map(files, size, flags);
            try
            {
                memory.CheckIdentity();
            }
            catch (UserRingException)
            {
                memory.Dispose();
                throw;
            }

            // The last consumer may have died asleep, or before it has woken those for whom it had made room.
            memory.Consumer->Sleepers = 0;
            Futex.Wake(memory.RoomWord);
            var ring = new UserRingBuffer((files, memory));
            ring.FindInHand((flags & UserRingFlags.SkipInHand) != 0);
            return ring;
        }
        catch (UserRingException)
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens the ring as its producer, in this process. It shares the consumer's mapping, in which all of the ring can be
    /// written: what keeps it from the consumer's page is this library alone. One that is not to be able to is opened with
    /// <see cref="DescriptorsForProducer"/> and <see cref="UserRingProducer.Open"/>, also here.
    /// </summary>
    /// <param name="flags">Who reserves. <see cref="UserRingFlags.Populate"/> does nothing: the ring is mapped already.</param>
    /// <exception cref="UserRingException">EBUSY: it has a producer. EINVAL: it is poisoned, or the flags are not known. Or the system's error.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public UserRingProducer OpenProducer(UserRingFlags flags = UserRingFlags.None)
    {
        ObjectDisposedException.ThrowIf(_files.Data.IsClosed, this);
        return UserRingProducer.OpenWith(_files.Data, () => _memory.Share(), flags);
    }

    /// <summary>What a producer in another process needs. Through these the consumer's page cannot be written.</summary>
    /// <returns>The caller's, to be sent and disposed.</returns>
    /// <exception cref="UserRingException">The system's error.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public UserRingDescriptors DescriptorsForProducer() => Reopen(_files, asConsumer: false);

    /// <summary>What another process needs to <see cref="TakeOver"/> when this consumer is gone.</summary>
    /// <returns>The caller's, to be sent and disposed.</returns>
    /// <exception cref="UserRingException">The system's error.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public UserRingDescriptors DescriptorsForConsumer() => Reopen(_files, asConsumer: true);

    /// <summary>
    /// Leaves the ring and ends waits. Producers can go on until it is full; another consumer can take over. If another thread
    /// drains just now, that drain ends with the record that it is at, and leaves the ring then: this does not wait for it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The caller is in the handler of a drain of this ring.</exception>
    public void Dispose()
    {
        if (_state.Drainer == Environment.CurrentManagedThreadId)
        {
            throw new InvalidOperationException("The ring is being drained by the caller; dispose it when the drain has returned, and not from its handler.");
        }

        if (Interlocked.Exchange(ref _state.Gate, ConsumerState.Closed) == ConsumerState.Free)
        {
            Close();
        }
    }

    // Once: by whoever has found the gate free, or by who had it when it was closed.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Close()
    {
        _records.Close();

        // Of another process, for whose room a drain may have been too late to wake.
        if (Volatile.Read(ref _memory.Producer->Sleepers) != 0)
        {
            Futex.Wake(_memory.RoomWord);
        }

        _memory.Leave();

        // A producer of this process may have it mapped, and a mapping keeps the lock of its descriptor.
        Libc.Unlock(_files.ConsumerPage);
        _files.Dispose();
    }

    private static (UserRingDescriptors, RingMemory) Create(UserRingOptions options)
    {
        options.Flags.Check(UserRingFlags.Populate);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Size, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Size, MaxSize, nameof(options));
        UserRingDescriptors files = RingFiles.Create(options.Size, out int size);
        try
        {
            RingMemory memory = Map(files, size, options.Flags);
            memory.WriteIdentity();
            return (files, memory);
        }
        catch (UserRingException)
        {
            files.Dispose();
            throw;
        }
    }

    private static RingMemory Map(UserRingDescriptors files, int size, UserRingFlags flags)
    {
        RingFiles.Lock(files.ConsumerPage, "consumer");
        return RingMemory.Map(files.ConsumerPage, files.Data, size, asConsumer: true, flags);
    }

    private static UserRingDescriptors Reopen(UserRingDescriptors files, bool asConsumer)
    {
        var consumerPage = RingFiles.Reopen(files.ConsumerPage, writable: asConsumer);
        try
        {
            return new UserRingDescriptors(consumerPage, RingFiles.Reopen(files.Data, writable: true));
        }
        catch (UserRingException)
        {
            consumerPage.Dispose();
            throw;
        }
    }
}
