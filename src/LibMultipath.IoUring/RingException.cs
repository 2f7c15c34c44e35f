using System.Runtime.InteropServices;
using LibMultipath.Block;

namespace LibMultipath.IoUring;

/// <summary>A system call of a ring that failed: the message names the call, the error and what to do about it.</summary>
public sealed class RingException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="errno">The error number, positive.</param>
    /// <param name="doing">What was being done.</param>
    /// <param name="remedy">What to do about it, as a sentence without its full stop; null when nothing is known.</param>
    public RingException(Errno errno, string doing, string? remedy = null)
        : base($"{doing}: {Marshal.GetPInvokeErrorMessage((int)errno)} ({errno}){(remedy is null ? "" : $"; {remedy}")}")
    {
        Errno = errno;
        Remedy = remedy;
    }

    /// <summary>The error number, positive.</summary>
    public Errno Errno { get; }

    /// <summary>What to do about it; null when nothing is known.</summary>
    public string? Remedy { get; }

    /// <summary>What to do when there is no descriptor left; null for other errors.</summary>
    internal static string? ForDescriptors(Errno errno) => errno switch
    {
        Errno.EMFILE => "the process has too many descriptors open: raise the limit with ulimit -n or LimitNOFILE=",
        Errno.ENFILE => "the system has too many files open: raise fs.file-max",
        _ => null,
    };
}
