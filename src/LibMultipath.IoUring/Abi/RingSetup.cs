namespace LibMultipath.IoUring.Abi;

/// <summary>How a ring is made (<c>IORING_SETUP_*</c>).</summary>
[Flags]
public enum RingSetup : uint
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>The number of completion entries is given.</summary>
    CqSize = 1 << 3,

    /// <summary>Sizes that are too large become the largest there are.</summary>
    Clamp = 1 << 4,

    /// <summary>Nothing can be submitted before the ring is enabled, and who enables it is its issuer.</summary>
    Disabled = 1 << 6,

    /// <summary>An entry that is refused does not keep those behind it back (Linux 5.18).</summary>
    SubmitAll = 1 << 7,

    /// <summary>Completion work waits for the thread to enter the kernel by itself (Linux 5.19).</summary>
    CoopTaskRun = 1 << 8,

    /// <summary>The ring tells that such work waits (Linux 5.19).</summary>
    TaskRunFlag = 1 << 9,

    /// <summary>Submission entries of 128 bytes (Linux 5.19).</summary>
    Sqe128 = 1 << 10,

    /// <summary>Completion entries of 32 bytes (Linux 5.19).</summary>
    Cqe32 = 1 << 11,

    /// <summary>One thread submits (Linux 6.0).</summary>
    SingleIssuer = 1 << 12,

    /// <summary>Completion work is done when that thread asks for completions (Linux 6.1).</summary>
    DeferTaskRun = 1 << 13,

    /// <summary>No array of indexes between the ring and its entries (Linux 6.6).</summary>
    NoSqArray = 1 << 16,
}
