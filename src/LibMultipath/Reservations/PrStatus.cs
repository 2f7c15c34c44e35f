namespace LibMultipath.Reservations;

/// <summary>
/// How an operation on a persistent reservation ended (<c>enum pr_status</c>, with its numbers; below zero the errnos that the
/// kernel answers beside them).
/// </summary>
public enum PrStatus
{
    /// <summary>The disk, or its driver, knows no persistent reservations (EOPNOTSUPP).</summary>
    NotSupported = -95,

    /// <summary>No path can carry it (EWOULDBLOCK).</summary>
    NoPath = -11,

    /// <summary>It was done (<c>PR_STS_SUCCESS</c>).</summary>
    Success = 0,

    /// <summary>The device could not do it (<c>PR_STS_IOERR</c>).</summary>
    IoError = 0x2,

    /// <summary>The key or the type is not the one that it must be, or somebody else holds the reservation (<c>PR_STS_RESERVATION_CONFLICT</c>).</summary>
    ReservationConflict = 0x18,

    /// <summary>The path cannot be used any more (<c>PR_STS_PATH_FAILED</c>).</summary>
    PathFailed = 0x10000,

    /// <summary>The path failed for the moment (<c>PR_STS_RETRY_PATH_FAILURE</c>).</summary>
    RetryPathFailure = 0xe0000,

    /// <summary>The path failed, and the time to wait for it is over (<c>PR_STS_PATH_FAST_FAILED</c>).</summary>
    PathFastFailed = 0xf0000,
}
