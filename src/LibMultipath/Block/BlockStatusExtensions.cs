namespace LibMultipath.Block;

/// <summary>What a <see cref="BlockStatus"/> means to a caller (an errno) and to a path (an outcome).</summary>
public static class BlockStatusExtensions
{
    /// <summary>The errno of a status, positive (<c>blk_status_to_errno</c> without the sign); 0 for Ok.</summary>
    public static Errno ToErrno(this BlockStatus status) => status switch
    {
        BlockStatus.Ok => Errno.None,
        BlockStatus.NotSupported => Errno.EOPNOTSUPP,
        BlockStatus.Timeout => Errno.ETIMEDOUT,
        BlockStatus.NoSpace => Errno.ENOSPC,
        BlockStatus.Transport => Errno.ENOLINK,
        BlockStatus.Target => Errno.EREMOTEIO,
        BlockStatus.ReservationConflict => Errno.EBADE,
        BlockStatus.Medium => Errno.ENODATA,
        BlockStatus.Protection => Errno.EILSEQ,
        BlockStatus.Resource => Errno.ENOMEM,
        BlockStatus.Again => Errno.EAGAIN,
        BlockStatus.DeviceResource or BlockStatus.ZoneResource => Errno.EBUSY,
        BlockStatus.ZoneOpenResource => Errno.ETOOMANYREFS,
        BlockStatus.ZoneActiveResource => Errno.EOVERFLOW,
        BlockStatus.Offline => Errno.ENODEV,
        BlockStatus.DurationLimit => Errno.ETIME,
        BlockStatus.Invalid => Errno.EINVAL,
        _ => Errno.EIO,
    };

    /// <summary>The status of an errno (<c>errno_to_blk_status</c>); IoError for one that has no status of its own.</summary>
    /// <param name="errno">Positive or negative, as system calls and completion queues give it.</param>
    public static BlockStatus FromErrno(int errno) => (Errno)(errno < 0 ? unchecked(-errno) : errno) switch
    {
        Errno.None => BlockStatus.Ok,
        Errno.EOPNOTSUPP => BlockStatus.NotSupported,
        Errno.ETIMEDOUT => BlockStatus.Timeout,
        Errno.ENOSPC => BlockStatus.NoSpace,
        Errno.ENOLINK => BlockStatus.Transport,
        Errno.EREMOTEIO => BlockStatus.Target,
        Errno.EBADE => BlockStatus.ReservationConflict,
        Errno.ENODATA => BlockStatus.Medium,
        Errno.EILSEQ => BlockStatus.Protection,
        Errno.ENOMEM => BlockStatus.Resource,
        Errno.EAGAIN => BlockStatus.Again,
        Errno.EBUSY => BlockStatus.DeviceResource,
        Errno.ETOOMANYREFS => BlockStatus.ZoneOpenResource,
        Errno.EOVERFLOW => BlockStatus.ZoneActiveResource,
        Errno.ENODEV => BlockStatus.Offline,
        Errno.ETIME => BlockStatus.DurationLimit,
        Errno.EINVAL => BlockStatus.Invalid,
        _ => BlockStatus.IoError,
    };

    /// <summary>The kernel's name, such as <c>BLK_STS_TRANSPORT</c>.</summary>
    public static string ToKernelName(this BlockStatus status) => status switch
    {
        BlockStatus.Ok => "BLK_STS_OK",
        BlockStatus.NotSupported => "BLK_STS_NOTSUPP",
        BlockStatus.Timeout => "BLK_STS_TIMEOUT",
        BlockStatus.NoSpace => "BLK_STS_NOSPC",
        BlockStatus.Transport => "BLK_STS_TRANSPORT",
        BlockStatus.Target => "BLK_STS_TARGET",
        BlockStatus.ReservationConflict => "BLK_STS_RESV_CONFLICT",
        BlockStatus.Medium => "BLK_STS_MEDIUM",
        BlockStatus.Protection => "BLK_STS_PROTECTION",
        BlockStatus.Resource => "BLK_STS_RESOURCE",
        BlockStatus.IoError => "BLK_STS_IOERR",
        BlockStatus.Again => "BLK_STS_AGAIN",
        BlockStatus.DeviceResource => "BLK_STS_DEV_RESOURCE",
        BlockStatus.ZoneOpenResource => "BLK_STS_ZONE_OPEN_RESOURCE",
        BlockStatus.ZoneActiveResource => "BLK_STS_ZONE_ACTIVE_RESOURCE",
        BlockStatus.Offline => "BLK_STS_OFFLINE",
        BlockStatus.DurationLimit => "BLK_STS_DURATION_LIMIT",
        BlockStatus.ZoneResource => "BLK_STS_ZONE_RESOURCE",
        BlockStatus.Invalid => "BLK_STS_INVAL",
        _ => $"BLK_STS_{(byte)status}",
    };

    /// <summary>
    /// What becomes of a bio that ends with this status when the driver has nothing better to say. What tells of
    /// the target, the data or the request is final; a shortage is worth another try on the same path; the rest
    /// is the path's fault. <see cref="BlockStatus.IoError"/> says nothing, so it counts as the path's fault too.
    /// </summary>
    public static AttemptOutcome ToOutcome(this BlockStatus status) => status switch
    {
        BlockStatus.Resource or BlockStatus.DeviceResource or BlockStatus.ZoneResource or BlockStatus.Again
            => AttemptOutcome.Retry,
        BlockStatus.Transport or BlockStatus.Offline or BlockStatus.Timeout or BlockStatus.IoError
            => AttemptOutcome.PathError,
        _ => AttemptOutcome.Done,
    };

    /// <summary>Whether the status may be the fault of the path that was taken (<c>blk_path_error</c>).</summary>
    public static bool IsPathError(this BlockStatus status) => status.ToOutcome() == AttemptOutcome.PathError;
}
