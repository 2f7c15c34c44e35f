using LibMultipath.Block;

namespace LibMultipath.Ublk.Control;

/// <summary>Something that ublk refused: the message names the command, the device, the error and what to do about it.</summary>
public sealed class UblkException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="kind">What kind of failure it is.</param>
    /// <param name="errno">The error number, positive.</param>
    /// <param name="doing">What was being done to which device.</param>
    /// <param name="reason">Why it failed.</param>
    /// <param name="remedy">What to do about it, as a sentence without its full stop; null when nothing is known.</param>
    /// <param name="inner">The cause, if that is an exception.</param>
    public UblkException(UblkErrorKind kind, Errno errno, string doing, string reason, string? remedy = null, Exception? inner = null)
        : base($"{doing}: {reason} ({errno}){(remedy is null ? "" : $"; {remedy}")}", inner)
    {
        Kind = kind;
        Errno = errno;
        Remedy = remedy;
    }

    /// <summary>What kind of failure it is.</summary>
    public UblkErrorKind Kind { get; }

    /// <summary>The error number, positive.</summary>
    public Errno Errno { get; }

    /// <summary>What to do about it; null when nothing is known.</summary>
    public string? Remedy { get; }
}
