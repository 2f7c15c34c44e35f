namespace LibMultipath.Block;

/// <summary>
/// An operation on a disk that could not be carried out, with the errno that the kernel would answer. The outcome
/// of an I/O is never an exception: it is a <see cref="BlockStatus"/>.
/// </summary>
public sealed class BlockException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="errno">The error number.</param>
    /// <param name="message">What was being done, and what to do about it.</param>
    /// <param name="cause">What it comes from, if that was thrown.</param>
    public BlockException(Errno errno, string message, Exception? cause = null)
        : base($"{message} ({errno})", cause) => Errno = errno;

    /// <summary>The error number that the kernel would answer.</summary>
    public Errno Errno { get; }
}
