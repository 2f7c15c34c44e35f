using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LibMultipath.Block;
using LibMultipath.RingBuffer.Interop;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.RingBuffer;

/// <summary>
/// A ring's memory as one side sees it, without a gap: the consumer's page, the producer's page, the data, and the data
/// once more, so that no record wraps. Both sides of one process share it: a processor looks up its cache by the address,
/// and finds a line slowly under a second one.
/// </summary>
/// <remarks>
/// When its last user has left, the memory of the ring is gone from the range, and zeroes are there. The range itself goes
/// when nobody has this object any more: who is still on the way out of a call finds nothing, instead of ending the process.
/// </remarks>
internal sealed unsafe class RingMemory : SafeHandle
{
    private readonly nuint _length;
    private int _users = 1;

    private RingMemory(nint address, nuint length, int size)
        : base(0, ownsHandle: true)
    {
        SetHandle(address);
        _length = length;
        Size = (ulong)size;
        Consumer = (ConsumerPage*)address;
        Producer = (ProducerPage*)(address + Environment.SystemPageSize);
        Data = (byte*)Producer + Environment.SystemPageSize;
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Of the data, in bytes: a power of two.</summary>
    public ulong Size { get; }

    public ConsumerPage* Consumer { get; }

    public ProducerPage* Producer { get; }

    public byte* Data { get; }

    /// <summary>What producers sleep on.</summary>
    public uint* RoomWord => (uint*)&Consumer->Position;

    /// <summary>What the consumer sleeps on.</summary>
    public uint* RecordWord => &Producer->Wakes;

    /// <summary>The header of the record at a position.</summary>
    public uint* HeaderAt(ulong position) => (uint*)(Data + (position & (Size - 1)));

    /// <summary>Maps it.</summary>
    /// <param name="consumerPage">The consumer's page.</param>
    /// <param name="data">The producer's page and the data.</param>
    /// <param name="size">Of the data, in bytes.</param>
    /// <param name="asConsumer">Whether the consumer's page can be written to.</param>
    /// <param name="flags">Whether all pages come at once.</param>
    public static RingMemory Map(SafeFileHandle consumerPage, SafeFileHandle data, int size, bool asConsumer, UserRingFlags flags)
    {
        int page = Environment.SystemPageSize;
        nuint length = (nuint)(2 * (page + (long)size));

        // The whole range first, so that nobody else gets a part of it before it is filled.
        nint address = Libc.Reserve(0, length, Libc.NoAccess, Libc.PrivateAnonymous | Libc.NoReserve, -1, 0);
        if (address == -1)
        {
            throw NotMapped(length);
        }

        var memory = new RingMemory(address, length, size);
        int how = Libc.Shared | Libc.Fixed | ((flags & UserRingFlags.Populate) != 0 ? Libc.Populate : 0);
        if (Libc.Map(address, (nuint)page, asConsumer ? Libc.ReadWrite : Libc.Read, how, consumerPage, 0) == -1
            || Libc.Map(address + page, (nuint)(page + size), Libc.ReadWrite, how, data, 0) == -1
            || Libc.Map(address + (2 * page) + size, (nuint)size, Libc.ReadWrite, how, data, page) == -1)
        {
            UserRingException exception = NotMapped(length);
            memory.Dispose();
            throw exception;
        }

        return memory;
    }

    /// <summary>For one more user.</summary>
    /// <exception cref="ObjectDisposedException">The last one has left.</exception>
    public RingMemory Share()
    {
        int users = Volatile.Read(ref _users);
        while (true)
        {
            ObjectDisposedException.ThrowIf(users == 0, typeof(UserRingBuffer));
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return this;
            }

            users = seen;
        }
    }

    /// <summary>A user does not need it any more: once for each. If one never says so, it goes when nobody has this object.</summary>
    public void Leave()
    {
        int left = Interlocked.Decrement(ref _users);
        Debug.Assert(left >= 0, "Somebody has left the memory of a ring twice.");
        if (left == 0)
        {
            // If there is no memory for the page tables of it, the ring's stays until nobody has this object.
            _ = Libc.Reserve(handle, _length, Libc.ReadWrite, Libc.PrivateAnonymous | Libc.NoReserve | Libc.Fixed, -1, 0);
        }
    }

    /// <summary>Writes down what this is, in memory that is new.</summary>
    public void WriteIdentity()
    {
        ulong id;
        RandomNumberGenerator.Fill(new Span<byte>(&id, sizeof(ulong)));
        Consumer->Magic = ConsumerPage.Signature;
        Consumer->Size = Size;
        Consumer->Id = id;
        Producer->Id = id;
    }

    /// <summary>Throws EINVAL if this is no ring, or its two parts are of different ones.</summary>
    public void CheckIdentity()
    {
        if (Consumer->Magic != ConsumerPage.Signature || Consumer->Size != Size || Consumer->Position % RecordHeader.Size != 0)
        {
            throw RingFiles.Wrong("the consumer's page is not that of a ring", "is it of another version?");
        }

        if (Consumer->Id != Producer->Id)
        {
            throw RingFiles.Wrong("the two descriptors are of different rings", "keep them together");
        }
    }

    protected override bool ReleaseHandle() => Libc.Unmap(handle, _length) == 0;

    private static UserRingException NotMapped(nuint length)
    {
        Errno error = Libc.LastError;
        return new UserRingException(error, $"mapping the {length} bytes of a ring", error == Errno.ENOMEM ? "make a smaller ring" : null);
    }
}
