using System.Runtime.InteropServices;
using LibMultipath.Block;

namespace LibMultipath.RingBuffer;

/// <summary>A ring that could not be made, opened or handed on: the message names the error, what was being done, and what to do about it.</summary>
public sealed class UserRingException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="errno">The error number, positive.</param>
    /// <param name="doing">What was being done.</param>
    /// <param name="remedy">What to do about it, as a sentence without its full stop; null when nothing is known.</param>
    public UserRingException(Errno errno, string doing, string? remedy = null)
        : base($"{doing}: {Marshal.GetPInvokeErrorMessage((int)errno)} ({errno}){(remedy is null ? "" : $"; {remedy}")}")
    {
        Errno = errno;
        Remedy = remedy;
    }

    /// <summary>The error number, positive.</summary>
    public Errno Errno { get; }

    /// <summary>What to do about it; null when nothing is known.</summary>
    public string? Remedy { get; }

    /// <summary>Throws if there is an error.</summary>
    internal static void ThrowIf(Errno errno, string doing)
    {
        if (errno != Errno.None)
        {
            throw new UserRingException(errno, doing, RemedyFor(errno));
        }
    }

    private static string? RemedyFor(Errno errno) => errno switch
    {
        Errno.EMFILE => "the process has too many descriptors open: raise the limit with ulimit -n or LimitNOFILE=",
        Errno.ENFILE => "the system has too many files open: raise fs.file-max",
        Errno.ENOENT => "descriptors are opened again through /proc, which has to be mounted",
        Errno.ENOMEM => "there is no memory or address space for it: make a smaller ring",
        _ => null,
    };
}
