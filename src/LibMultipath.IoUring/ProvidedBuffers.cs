using LibMultipath.IoUring.Abi;

namespace LibMultipath.IoUring;

/// <summary>
/// Buffers of one size that the kernel takes from as it needs them (<c>IORING_REGISTER_PBUF_RING</c>, Linux 5.19): a
/// multishot operation that selects from the group says with each completion which one it filled.
/// </summary>
/// <remarks>Belongs to the ring's thread. Dispose it when no operation selects from it any more, or its ring is disposed.</remarks>
public sealed unsafe class ProvidedBuffers : IDisposable
{
    private readonly Ring _ring;
    private readonly MappedMemory _memory;
    private readonly io_uring_buf* _entries;
    private readonly byte* _buffers;
    private readonly ushort _mask;
    private ushort _tail;
    private bool _disposed;

    /// <summary>Registers a group of buffers with a ring, all of them the kernel's.</summary>
    /// <param name="ring">The ring, enabled.</param>
    /// <param name="group">Its number, one of its own.</param>
    /// <param name="count">How many; a power of two up to 32768.</param>
    /// <param name="size">Of each, in bytes.</param>
    /// <exception cref="RingException">The kernel refuses: EINVAL before Linux 5.19.</exception>
    public ProvidedBuffers(Ring ring, ushort group, int count, int size)
    {
        ArgumentNullException.ThrowIfNull(ring);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        if (count is < 1 or > 32768 || (count & (count - 1)) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, "The number of provided buffers is a power of two from 1 to 32768.");
        }

        _ring = ring;
        _mask = (ushort)(count - 1);
        Group = group;
        Size = size;
        nuint entryBytes = ((nuint)(count * sizeof(io_uring_buf)) + 4095) & ~(nuint)4095;
        _memory = MappedMemory.Anonymous(entryBytes + (nuint)((long)count * size));
        _entries = (io_uring_buf*)_memory.Address;
        _buffers = _memory.Address + entryBytes;
        try
        {
            var registration = new io_uring_buf_reg { ring_addr = (ulong)_entries, ring_entries = (uint)count, bgid = group };
            ring.Register(RegisterOp.PbufRing, &registration, 1, "providing buffers");
        }
        catch
        {
            _memory.Dispose();
            throw;
        }

        for (int i = 0; i < count; i++)
        {
            Put((ushort)i);
        }

        Publish();
    }

    /// <summary>The number that <see cref="io_uring_sqe.buf_index"/> names.</summary>
    public ushort Group { get; }

    /// <summary>Of each buffer, in bytes.</summary>
    public int Size { get; }

    /// <summary>The buffer of a completion (<see cref="CqeFlags.Buffer"/>); it is the caller's until <see cref="Return"/>.</summary>
    /// <param name="flags">The completion's flags.</param>
    /// <param name="number">What to give back.</param>
    /// <exception cref="ArgumentException">The completion used none.</exception>
    public byte* Take(CqeFlags flags, out ushort number)
    {
        if ((flags & CqeFlags.Buffer) == 0)
        {
            throw new ArgumentException("The completion used no provided buffer.", nameof(flags));
        }

        number = (ushort)((uint)flags >> 16);
        return _buffers + ((nint)number * Size);
    }

    /// <summary>Gives a buffer back to the kernel.</summary>
    /// <param name="number">As <see cref="Take"/> said.</param>
    public void Return(ushort number)
    {
        Put(number);
        Publish();
    }

    /// <summary>Takes the group from the ring, if there still is one. A second call does nothing.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            if (!_ring.IsDisposed)
            {
                var registration = new io_uring_buf_reg { bgid = Group };
                _ring.Register(RegisterOp.UnregisterPbufRing, &registration, 1, "taking provided buffers back");
            }

            _memory.Dispose();
        }
    }

    // The tail shares its place with a field of the first entry that is not used otherwise.
    private void Put(ushort number)
    {
        io_uring_buf* entry = _entries + (_tail++ & _mask);
        entry->addr = (ulong)(_buffers + ((nint)number * Size));
        entry->len = (uint)Size;
        entry->bid = number;
    }

    private void Publish() => Volatile.Write(ref _entries->resv, _tail);
}
