using System.Runtime.CompilerServices;
using LibMultipath.Block;

namespace LibMultipath.RingBuffer;

/// <summary>
/// What stands before each record: a length of 32 bits, of which the upper two are flags, and 32 bits of nothing. Header
/// and record together are rounded up to 8 bytes.
/// </summary>
internal static class RecordHeader
{
    /// <summary>The record is reserved and not given up yet (<c>BPF_RINGBUF_BUSY_BIT</c>).</summary>
    public const uint Busy = 1u << 31;

    /// <summary>The record is to be skipped (<c>BPF_RINGBUF_DISCARD_BIT</c>).</summary>
    public const uint Discard = 1u << 30;

    /// <summary>In bytes (<c>BPF_RINGBUF_HDR_SZ</c>).</summary>
    public const uint Size = 8;

    /// <summary>What the record takes in the ring, in bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Total(uint length) => ((ulong)length + Size + 7) & ~7ul;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LengthOf(uint header) => header & ~(Busy | Discard);

    /// <summary>What is wrong with a header.</summary>
    /// <param name="total">What the record takes, in bytes.</param>
    /// <param name="left">How much was produced from its header on, in bytes.</param>
    /// <param name="size">Of the ring, in bytes.</param>
    /// <returns>0; EINVAL when more is taken than was produced; E2BIG when more than there is.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Errno Check(ulong total, ulong left, ulong size) =>
        total > left ? Errno.EINVAL : total > size ? Errno.E2BIG : Errno.None;
}
