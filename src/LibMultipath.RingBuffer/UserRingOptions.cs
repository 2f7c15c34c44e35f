namespace LibMultipath.RingBuffer;

/// <summary>How a ring is.</summary>
public sealed record UserRingOptions
{
    /// <summary>Of the data, in bytes: 1 to <see cref="UserRingBuffer.MaxSize"/>, rounded up to a power of two of pages. 64 KiB by default.</summary>
    public int Size { get; init; } = 64 * 1024;

    /// <summary>How the consumer maps it.</summary>
    public UserRingFlags Flags { get; init; }
}
