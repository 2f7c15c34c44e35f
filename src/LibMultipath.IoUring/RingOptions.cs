namespace LibMultipath.IoUring;

/// <summary>How a ring is.</summary>
public sealed record RingOptions
{
    /// <summary>How many submissions fit between two calls to the kernel: 1 to 32768, rounded up to a power of two.</summary>
    public int Entries { get; init; } = 128;

    /// <summary>How many completions fit: at least <see cref="Entries"/>; 0, the default, for twice as many. More than fit wait in the kernel.</summary>
    public int CompletionEntries { get; init; }

    /// <summary>Whether submissions have 128 bytes instead of 64 (<c>IORING_SETUP_SQE128</c>): for drivers whose commands are that long.</summary>
    public bool LargeSubmissions { get; init; }

    /// <summary>Whether completions have 32 bytes instead of 16 (<c>IORING_SETUP_CQE32</c>).</summary>
    public bool LargeCompletions { get; init; }

    /// <summary>
    /// Whether one thread uses the ring, the one that calls <see cref="Ring.Enable"/>: the fast way
    /// (<c>IORING_SETUP_SINGLE_ISSUER</c>, <c>IORING_SETUP_DEFER_TASKRUN</c>). A kernel that does not know it gives a
    /// ring that works like any other. True by default.
    /// </summary>
    public bool SingleIssuer { get; init; } = true;
}
