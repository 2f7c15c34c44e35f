namespace LibMultipath.Block;

/// <summary>
/// How an I/O ended (the kernel's <c>blk_status_t</c>, with its numbers). <see cref="BlockStatusExtensions"/>
/// maps it to an errno and says what a path does with it.
/// </summary>
public enum BlockStatus : byte
{
    /// <summary>Done (<c>BLK_STS_OK</c>).</summary>
    Ok = 0,

    /// <summary>The device cannot do this (<c>BLK_STS_NOTSUPP</c>, EOPNOTSUPP).</summary>
    NotSupported = 1,

    /// <summary>The device did not answer in time (<c>BLK_STS_TIMEOUT</c>, ETIMEDOUT).</summary>
    Timeout = 2,

    /// <summary>The device is out of space (<c>BLK_STS_NOSPC</c>, ENOSPC).</summary>
    NoSpace = 3,

    /// <summary>The transport failed; another path may work (<c>BLK_STS_TRANSPORT</c>, ENOLINK).</summary>
    Transport = 4,

    /// <summary>The target failed; another path will not help (<c>BLK_STS_TARGET</c>, EREMOTEIO).</summary>
    Target = 5,

    /// <summary>A persistent reservation forbids it (<c>BLK_STS_RESV_CONFLICT</c>, EBADE).</summary>
    ReservationConflict = 6,

    /// <summary>The medium is bad (<c>BLK_STS_MEDIUM</c>, ENODATA).</summary>
    Medium = 7,

    /// <summary>Integrity metadata does not match (<c>BLK_STS_PROTECTION</c>, EILSEQ).</summary>
    Protection = 8,

    /// <summary>The host is short of a resource (<c>BLK_STS_RESOURCE</c>, ENOMEM).</summary>
    Resource = 9,

    /// <summary>An error that says nothing more (<c>BLK_STS_IOERR</c>, EIO).</summary>
    IoError = 10,

    /// <summary>It would have had to wait, or was cancelled while it waited (<c>BLK_STS_AGAIN</c>, EAGAIN).</summary>
    Again = 12,

    /// <summary>The device is short of a resource that completions give back (<c>BLK_STS_DEV_RESOURCE</c>, EBUSY).</summary>
    DeviceResource = 13,

    /// <summary>Too many open zones (<c>BLK_STS_ZONE_OPEN_RESOURCE</c>, ETOOMANYREFS).</summary>
    ZoneOpenResource = 14,

    /// <summary>Too many active zones (<c>BLK_STS_ZONE_ACTIVE_RESOURCE</c>, EOVERFLOW).</summary>
    ZoneActiveResource = 15,

    /// <summary>The device is offline or going (<c>BLK_STS_OFFLINE</c>, ENODEV).</summary>
    Offline = 16,

    /// <summary>A command duration limit passed (<c>BLK_STS_DURATION_LIMIT</c>, ETIME).</summary>
    DurationLimit = 17,

    /// <summary>
    /// The zone is locked by another write (<c>BLK_STS_ZONE_RESOURCE</c>, EBUSY). Kernels since 6.10 have no such
    /// status, so the number is one that they leave free.
    /// </summary>
    ZoneResource = 18,

    /// <summary>The size or alignment is invalid (<c>BLK_STS_INVAL</c>, EINVAL).</summary>
    Invalid = 19,
}
