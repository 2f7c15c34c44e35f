using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Queues;

/// <summary>
/// A request of a device (a <c>ublksrv_io_desc</c> and its tag). It is the target's until it is completed, once, on any
/// thread; completing it again is seen, counted and ignored.
/// </summary>
public readonly unsafe struct UblkRequest : IEquatable<UblkRequest>
{
    private readonly int _sequence;

    internal UblkRequest(UblkQueue queue, int tag, int sequence)
    {
        Queue = queue;
        Tag = tag;
        _sequence = sequence;
    }

    /// <summary>The queue that it came through.</summary>
    public UblkQueue Queue { get; }

    /// <summary>Its number in the queue, from 0.</summary>
    public int Tag { get; }

    /// <summary>What is asked for.</summary>
    public UblkOp Op => Descriptor.Op;

    /// <summary>How.</summary>
    public UblkIoFlags Flags => Descriptor.Flags;

    /// <summary>The first sector, in units of 512 bytes.</summary>
    public long Sector => (long)Descriptor.start_sector;

    /// <summary>How many sectors of 512 bytes; for a zone report, how many zones at most.</summary>
    public uint Sectors => Descriptor.nr_sectors;

    /// <summary>How many bytes it covers.</summary>
    public long Bytes => (long)Descriptor.nr_sectors * QueueLimits.SectorSize;

    /// <summary>Whether data goes with it: a read, a write or an append.</summary>
    public bool HasData => Op is UblkOp.Read or UblkOp.Write or UblkOp.ZoneAppend;

    /// <summary>
    /// The data: the tag's buffer, or the client's own memory when it is shared with the server
    /// (<see cref="UblkIoFlags.SharedMemory"/>). With user copy, the tag's buffer, which is filled and emptied by
    /// <see cref="CopyIn()"/> and <see cref="CopyOut()"/>. Null in the modes without a copy.
    /// </summary>
    public byte* Buffer => IsShared ? Queue.SharedAddress(Descriptor.addr) : Queue.BufferOf(Tag);

    /// <summary>The bytes of <see cref="Buffer"/>.</summary>
    public Span<byte> Data => new(Buffer, checked((int)Bytes));

    /// <summary>The slot of the queue's ring at which the pages are registered, in the modes without a copy.</summary>
    public ushort BufferSlot => Queue.BufferSlotOf(Tag);

    /// <summary>With user copy: fills the buffer with what is to be written, unless it is the client's own memory. On any thread.</summary>
    /// <returns>None, or why not.</returns>
    public Errno CopyIn() => IsShared ? Errno.None : Queue.CopyIn(Tag, Buffer, (nuint)Bytes, integrity: false);

    /// <summary>With user copy: gives what was read to the client, unless the buffer is the client's own memory. On any thread.</summary>
    /// <returns>None, or why not.</returns>
    public Errno CopyOut() => IsShared ? Errno.None : Queue.CopyOut(Tag, Buffer, (nuint)Bytes, integrity: false);

    /// <summary>With user copy: reads the request's data, or its metadata. On any thread.</summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="integrity">Whether the metadata (<see cref="UblkIoFlags.Integrity"/>) is meant.</param>
    /// <returns>None, or why not.</returns>
    public Errno CopyIn(Span<byte> buffer, bool integrity)
    {
        fixed (byte* at = buffer)
        {
            return Queue.CopyIn(Tag, at, (nuint)buffer.Length, integrity);
        }
    }

    /// <summary>With user copy: writes the request's data, or its metadata. On any thread.</summary>
    /// <param name="buffer">Where from.</param>
    /// <param name="integrity">Whether the metadata (<see cref="UblkIoFlags.Integrity"/>) is meant.</param>
    /// <returns>None, or why not.</returns>
    public Errno CopyOut(ReadOnlySpan<byte> buffer, bool integrity)
    {
        fixed (byte* at = buffer)
        {
            return Queue.CopyOut(Tag, at, (nuint)buffer.Length, integrity);
        }
    }

    /// <summary>
    /// Answers a zone report with these zones. Only with <see cref="UblkFeatures.UserCopy"/>, which a zoned device may
    /// have beside zero copy.
    /// </summary>
    /// <param name="zones">In order, from the one at <see cref="Sector"/>: at least one, at most <see cref="Sectors"/> many.</param>
    /// <returns>Whether the request was still the target's.</returns>
    public bool CompleteReport(ReadOnlySpan<blk_zone> zones)
    {
        // The kernel asks again and again for zones that do not come.
        if (zones.Length > Sectors || zones.IsEmpty)
        {
            return Fail(Errno.EINVAL);
        }

        Errno error = CopyOut(MemoryMarshal.AsBytes(zones), integrity: false);
        if (error == Errno.None && zones.Length < Sectors)
        {
            blk_zone none = default;
            error = Queue.CopyOut(Tag, &none, (nuint)sizeof(blk_zone), integrity: false, offset: zones.Length * sizeof(blk_zone));
        }

        // The kernel's buffer may have room for more zones than it asks for, and what does not fill it counts as a part.
        return error == Errno.None ? End(Queue.MaxIoBytes) : Fail(error);
    }

    /// <summary>It is done, all of it. A zone report is not done so, and fails: see <see cref="CompleteReport"/>.</summary>
    /// <returns>Whether it was still the target's.</returns>
    public bool Complete() => HasData ? End((int)Bytes) : End(Op == UblkOp.ReportZones ? -(int)Errno.EINVAL : 0);

    /// <summary>
    /// It is done as far as so many bytes; the kernel asks for the rest again. Nothing at all fails the request, and so
    /// does a part of one in shared memory, which the kernel would take for the whole.
    /// </summary>
    /// <param name="bytes">Of a read or write: more than 0, a multiple of the logical block.</param>
    /// <returns>Whether it was still the target's.</returns>
    public bool Complete(int bytes) => End(bytes < 0 || bytes == Bytes || !HasData || (bytes > 0 && !IsShared) ? bytes : -(int)Errno.EIO);

    /// <summary>An append is done.</summary>
    /// <param name="sector">Where it went.</param>
    /// <returns>Whether the request was still the target's.</returns>
    public bool CompleteAppend(long sector) => Queue.Complete(Tag, _sequence, (int)Bytes, (ulong)sector);

    /// <summary>It has failed.</summary>
    /// <param name="error">Why.</param>
    /// <returns>Whether it was still the target's.</returns>
    public bool Fail(Errno error) => End(error == Errno.None ? -(int)Errno.EIO : -(int)error);

    /// <summary>It has ended so.</summary>
    /// <param name="status">As a bio ends.</param>
    /// <returns>Whether it was still the target's.</returns>
    public bool Complete(BlockStatus status) => status == BlockStatus.Ok ? Complete() : Fail(status.ToErrno());

    /// <inheritdoc/>
    public bool Equals(UblkRequest other) => ReferenceEquals(Queue, other.Queue) && Tag == other.Tag && _sequence == other._sequence;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is UblkRequest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Queue, Tag, _sequence);

    /// <summary>Whether both are the same request.</summary>
    public static bool operator ==(UblkRequest left, UblkRequest right) => left.Equals(right);

    /// <summary>Whether they are different requests.</summary>
    public static bool operator !=(UblkRequest left, UblkRequest right) => !left.Equals(right);

    private bool IsShared => (Flags & UblkIoFlags.SharedMemory) != 0;

    private ref readonly ublksrv_io_desc Descriptor => ref Queue.DescriptorOf(Tag);

    private bool End(int result) => Queue.Complete(Tag, _sequence, result, 0);
}
