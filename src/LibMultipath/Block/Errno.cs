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

    /// <summary>No such process.</summary>
    ESRCH = 3,

    /// <summary>Interrupted system call.</summary>
    EINTR = 4,

    /// <summary>Input/output error.</summary>
    EIO = 5,

    /// <summary>No such device or address: the disk is going.</summary>
    ENXIO = 6,

    /// <summary>Argument list too long; of a record, larger than can be.</summary>
    E2BIG = 7,

    /// <summary>Bad file descriptor.</summary>
    EBADF = 9,

    /// <summary>Try again; the same number as EWOULDBLOCK.</summary>
    EAGAIN = 11,

    /// <summary>Out of memory.</summary>
    ENOMEM = 12,

    /// <summary>Permission denied.</summary>
    EACCES = 13,

    /// <summary>Bad address.</summary>
    EFAULT = 14,

    /// <summary>Device or resource busy.</summary>
    EBUSY = 16,

    /// <summary>File exists.</summary>
    EEXIST = 17,

    /// <summary>No such device.</summary>
    ENODEV = 19,

    /// <summary>Is a directory.</summary>
    EISDIR = 21,

    /// <summary>Invalid argument.</summary>
    EINVAL = 22,

    /// <summary>Too many open files in the system.</summary>
    ENFILE = 23,

    /// <summary>Too many open files in the process.</summary>
    EMFILE = 24,

    /// <summary>Inappropriate ioctl: the device does not know the command.</summary>
    ENOTTY = 25,

    /// <summary>File too large.</summary>
    EFBIG = 27,

    /// <summary>No space left on device.</summary>
    ENOSPC = 28,

    /// <summary>Read-only file system.</summary>
    EROFS = 30,

    /// <summary>Function not implemented: the kernel does not have the system call.</summary>
    ENOSYS = 38,

    /// <summary>Invalid exchange: a reservation conflict.</summary>
    EBADE = 52,

    /// <summary>No data available: a medium error.</summary>
    ENODATA = 61,

    /// <summary>Timer expired: a command duration limit.</summary>
    ETIME = 62,

    /// <summary>Link has been severed: a transport error.</summary>
    ENOLINK = 67,

    /// <summary>Protocol error: the peer said what it must not.</summary>
    EPROTO = 71,

    /// <summary>Value too large: too many active zones.</summary>
    EOVERFLOW = 75,

    /// <summary>File descriptor in bad state: a ring that is not enabled.</summary>
    EBADFD = 77,

    /// <summary>Illegal byte sequence: a protection error.</summary>
    EILSEQ = 84,

    /// <summary>Operation not supported.</summary>
    EOPNOTSUPP = 95,

    /// <summary>Address already in use.</summary>
    EADDRINUSE = 98,

    /// <summary>Connection reset by peer.</summary>
    ECONNRESET = 104,

    /// <summary>No buffer space available.</summary>
    ENOBUFS = 105,

    /// <summary>Too many references: too many open zones.</summary>
    ETOOMANYREFS = 109,

    /// <summary>Connection timed out.</summary>
    ETIMEDOUT = 110,

    /// <summary>Connection refused: nobody listens there.</summary>
    ECONNREFUSED = 111,

    /// <summary>No route to host.</summary>
    EHOSTUNREACH = 113,

    /// <summary>Operation already in progress.</summary>
    EALREADY = 114,

    /// <summary>Operation now in progress.</summary>
    EINPROGRESS = 115,

    /// <summary>Stale file handle: what it leads to is not what it was.</summary>
    ESTALE = 116,

    /// <summary>Remote I/O error: a target error.</summary>
    EREMOTEIO = 121,

    /// <summary>Operation canceled.</summary>
    ECANCELED = 125,

    /// <summary>Owner died: who was at it ended before it was done.</summary>
    EOWNERDEAD = 130,
}
