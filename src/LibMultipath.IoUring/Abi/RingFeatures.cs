namespace LibMultipath.IoUring.Abi;

/// <summary>What the kernel's io_uring can do (<c>IORING_FEAT_*</c>).</summary>
[Flags]
public enum RingFeatures : uint
{
    /// <summary>Nothing beyond the first version.</summary>
    None = 0,

    /// <summary>Both rings are one mapping.</summary>
    SingleMmap = 1 << 0,

    /// <summary>A completion that finds the ring full waits and is not lost.</summary>
    NoDrop = 1 << 1,

    /// <summary>What an entry points to is only needed until it is submitted.</summary>
    SubmitStable = 1 << 2,

    /// <summary>The position of the file can be used.</summary>
    RwCurPos = 1 << 3,

    /// <summary>An entry runs with the credentials of who submits it.</summary>
    CurPersonality = 1 << 4,

    /// <summary>Readiness is waited for without a worker thread.</summary>
    FastPoll = 1 << 5,

    /// <summary>Poll masks have 32 bits.</summary>
    Poll32Bits = 1 << 6,

    /// <summary>A submission thread of the kernel needs no registered files.</summary>
    SqPollNonFixed = 1 << 7,

    /// <summary>Waiting takes a time limit.</summary>
    ExtArg = 1 << 8,

    /// <summary>Worker threads belong to the process.</summary>
    NativeWorkers = 1 << 9,

    /// <summary>Registered files and buffers can be replaced one by one.</summary>
    RsrcTags = 1 << 10,

    /// <summary>Completions of success can be left out.</summary>
    CqeSkip = 1 << 11,
}
