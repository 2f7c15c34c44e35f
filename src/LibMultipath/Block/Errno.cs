namespace LibMultipath.Block;

/// <summary>The Linux error numbers that this library names; the values are those of x86-64 and arm64.</summary>
public enum Errno
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>Operation not permitted.</summary>
    EPERM = 1,

    /// <summary>No such file or directory.</summary>
    ENOENT = 2,

    /// <summary>Interrupted system call.</summary>
    EINTR = 4,

    /// <summary>Input/output error.</summary>
    EIO = 5,

    /// <summary>No such device or address: the disk is going.</summary>
    ENXIO = 6,

    /// <summary>Bad file descriptor.</summary>
    EBADF = 9,

    /// <summary>Try again; the same number as EWOULDBLOCK.</summary>
    EAGAIN = 11,

    /// <summary>Out of memory.</summary>
    ENOMEM = 12,

    /// <summary>Permission denied.</summary>
    EACCES = 13,

    /// <summary>Device or resource busy.</summary>
    EBUSY = 16,

    /// <summary>File exists.</summary>
    EEXIST = 17,

    /// <summary>No such device.</summary>
    ENODEV = 19,

    /// <summary>Invalid argument.</summary>
    EINVAL = 22,

    /// <summary>No space left on device.</summary>
    ENOSPC = 28,

    /// <summary>Read-only file system.</summary>
    EROFS = 30,

    /// <summary>Invalid exchange: a reservation conflict.</summary>
    EBADE = 52,

    /// <summary>No data available: a medium error.</summary>
    ENODATA = 61,

    /// <summary>Timer expired: a command duration limit.</summary>
    ETIME = 62,

    /// <summary>Link has been severed: a transport error.</summary>
    ENOLINK = 67,

    /// <summary>Value too large: too many active zones.</summary>
    EOVERFLOW = 75,

    /// <summary>Illegal byte sequence: a protection error.</summary>
    EILSEQ = 84,

    /// <summary>Operation not supported.</summary>
    EOPNOTSUPP = 95,

    /// <summary>Too many references: too many open zones.</summary>
    ETOOMANYREFS = 109,

    /// <summary>Connection timed out.</summary>
    ETIMEDOUT = 110,

    /// <summary>Remote I/O error: a target error.</summary>
    EREMOTEIO = 121,
}
