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
}

/// <summary>Looks at flags.</summary>
internal static class UserRingFlagsExtensions
{
    public static void Check(this UserRingFlags flags)
    {
        if ((flags & ~UserRingFlags.Populate) != 0)
        {
            throw new UserRingException(Errno.EINVAL, $"opening a ring with the flags 0x{(int)flags:x}", $"only {nameof(UserRingFlags.Populate)} ({(int)UserRingFlags.Populate}) is known");
        }
    }
}
