namespace LibMultipath.Block;

/// <summary>What a <see cref="Bio"/> asks for beside its operation (the kernel's <c>REQ_*</c> flags).</summary>
[Flags]
public enum BioFlags : uint
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>Do not retry when the device fails (<c>REQ_FAILFAST_DEV</c>).</summary>
    FailFastDev = 1 << 0,

    /// <summary>Do not retry when the transport fails (<c>REQ_FAILFAST_TRANSPORT</c>).</summary>
    FailFastTransport = 1 << 1,

    /// <summary>Do not retry when the driver fails (<c>REQ_FAILFAST_DRIVER</c>).</summary>
    FailFastDriver = 1 << 2,

    /// <summary>Somebody waits for this bio (<c>REQ_SYNC</c>). A hint.</summary>
    Sync = 1 << 3,

    /// <summary>File system metadata (<c>REQ_META</c>). A hint.</summary>
    Meta = 1 << 4,

    /// <summary>Higher priority than the rest (<c>REQ_PRIO</c>). A hint.</summary>
    Prio = 1 << 5,

    /// <summary>The data is on the medium when the write completes (<c>REQ_FUA</c>). Writes only.</summary>
    Fua = 1 << 6,

    /// <summary>Flush the volatile cache before this bio (<c>REQ_PREFLUSH</c>). Writes only, empty ones too.</summary>
    PreFlush = 1 << 7,

    /// <summary>Read ahead, may be failed at any time (<c>REQ_RAHEAD</c>). A hint.</summary>
    ReadAhead = 1 << 8,

    /// <summary>Background I/O (<c>REQ_BACKGROUND</c>). A hint.</summary>
    Background = 1 << 9,

    /// <summary>Fail with <see cref="BlockStatus.Again"/> instead of waiting (<c>REQ_NOWAIT</c>).</summary>
    NoWait = 1 << 10,

    /// <summary>The submitter polls for the completion (<c>REQ_POLLED</c>). A hint.</summary>
    Polled = 1 << 11,

    /// <summary>Write zeroes without giving the space back (<c>REQ_NOUNMAP</c>).</summary>
    NoUnmap = 1 << 12,

    /// <summary>Set by a head disk on a bio that it has aimed at a path (<c>REQ_NVME_MPATH</c>, here <c>REQ_MPATH</c>).</summary>
    Mpath = 1 << 16,

    /// <summary>Set on a submitted bio whose data is in a <see cref="RegisteredBuffer"/>.</summary>
    Registered = 1 << 17,

    /// <summary>All three fail-fast bits: an error of any kind is final (<c>REQ_FAILFAST_MASK</c>).</summary>
    FailFastMask = FailFastDev | FailFastTransport | FailFastDriver,
}
