using System.Runtime.InteropServices;

namespace LibMultipath.RingBuffer;

/// <summary>
/// The page that the consumer writes and a producer can only read. The position comes first, as in a ring of the kernel.
/// What is written often has two lines of the cache for itself: the prefetcher takes the neighbour along.
/// </summary>
[StructLayout(LayoutKind.Explicit)]
internal struct ConsumerPage
{
    /// <summary>"LMPring1" as a number: what this is, and the version of its layout.</summary>
    public const ulong Signature = 0x31676e69_72504d4c;

    /// <summary>How many bytes were consumed, ever. Producers without room sleep on its lower half.</summary>
    [FieldOffset(0)]
    public ulong Position;

    /// <summary>
    /// The position of the record that was given to a handler last, plus 1; while that is <see cref="Position"/> plus 1, the
    /// handler has not returned. On the line of the position, which is written with every record as well.
    /// </summary>
    [FieldOffset(8)]
    public ulong InHand;

    /// <summary>How many sleep until there is a record. Only while it is not 0 does a producer wake anybody.</summary>
    [FieldOffset(128)]
    public int Sleepers;

    /// <summary><see cref="Signature"/>.</summary>
    [FieldOffset(256)]
    public ulong Magic;

    /// <summary>Of this ring, in both of its pages, so that pages of two rings are not taken for one.</summary>
    [FieldOffset(264)]
    public ulong Id;

    /// <summary>Of the data, in bytes.</summary>
    [FieldOffset(272)]
    public ulong Size;
}
