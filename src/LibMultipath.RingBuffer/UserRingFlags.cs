using LibMultipath.Block;

namespace LibMultipath.RingBuffer;

/// <summary>How a ring is mapped. Whoever opens it says so for itself.</summary>
[Flags]
public enum UserRingFlags
{
    /// <summary>Each page comes when it is touched first.</summary>
    None = 0,

    /// <summary>All pages come at once (<c>MAP_POPULATE</c>): no record waits for one.</summary>
    Populate = 1,

    /// <summary>
    /// Of a producer: one thread at a time reserves, and the caller sees to that, as with <c>user_ring_buffer__reserve</c>.
    /// Reserving is without an interlocked instruction then. Giving up is free to any thread as ever.
    /// </summary>
    OneThreadReserves = 2,

    /// <summary>
    /// Of <see cref="UserRingBuffer.TakeOver"/>: the record that the last consumer was killed with is left out, instead of
    /// given once more. So no record comes twice, and at each death of a consumer one may not come to an end.
    /// </summary>
    SkipInHand = 4,
}

/// <summary>Looks at flags.</summary>
internal static class UserRingFlagsExtensions
{
    public static void Check(this UserRingFlags flags, UserRingFlags known)
    {
        if ((flags & ~known) != 0)
        {
            throw new UserRingException(Errno.EINVAL, $"opening a ring with the flags 0x{(int)flags:x}", $"only {known} is known here");
        }
    }
}
