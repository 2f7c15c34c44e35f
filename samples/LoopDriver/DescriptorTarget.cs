using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>
/// What the descriptors of a path lead to, as far as files and devices differ in how I/O is carried out and in what its
/// end means. Any thread.
/// </summary>
internal abstract class DescriptorTarget
{
    /// <summary>What it is called.</summary>
    public abstract string File { get; }

    /// <summary>Whether I/O goes past the page cache.</summary>
    public abstract bool IsDirect { get; }

    /// <summary>Whether a ring is asked to discard; a thread is, otherwise.</summary>
    public virtual bool DiscardsOnRing => true;

    /// <summary>
    /// Whether a ring has writes begun by a worker of the kernel, which may wait: a zoned device takes a write that may not
    /// for one out of order, and does not look where the zone is written next when it is asked to.
    /// </summary>
    public virtual bool WritesMayWait => false;

    /// <summary>Has a ring discard. Offset and length are in bytes.</summary>
    public abstract void PrepareDiscard(ref io_uring_sqe sqe, int file, ulong offset, ulong length);

    /// <summary>Discards. Offset and length are in bytes. Blocks.</summary>
    public abstract Errno Discard(SafeFileHandle file, long offset, long length);

    /// <summary>Opens, closes, finishes or resets a zone. The sector is the zone's first. Blocks.</summary>
    public virtual Errno ManageZone(SafeFileHandle file, BioOp op, long sector) => Errno.EOPNOTSUPP;

    /// <summary>A ring could not discard, and says why. True if a thread may.</summary>
    public virtual bool LeavesDiscardToThread(Errno error) => false;

    /// <summary>What a call that failed says.</summary>
    public virtual BlockStatus StatusOf(Errno error) => BlockStatusExtensions.FromErrno((int)error);

    /// <summary>What is known of an attempt before the kernel gets it. It must not block.</summary>
    public abstract LoopOutset Outset(Bio bio);

    /// <summary>Ends an attempt that the kernel has had. It must not block.</summary>
    /// <param name="attempt">Still under way.</param>
    /// <param name="outset">What <see cref="Outset"/> said of it.</param>
    /// <param name="status">What the kernel said.</param>
    public abstract void End(BioAttempt attempt, LoopOutset outset, BlockStatus status);
}
