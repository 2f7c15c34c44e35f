using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>A file as the target of descriptors: a discard makes a hole.</summary>
internal sealed class LoopTarget(LoopOptions options) : DescriptorTarget
{
    private const int MakeHole = Libc.PunchHole | Libc.KeepSize;

    public override string File => options.File;

    public override bool IsDirect => options.Direct;

    public override void PrepareDiscard(ref io_uring_sqe sqe, int file, ulong offset, ulong length) =>
        sqe.PrepFallocate(file, MakeHole, offset, length);

    public override Errno Discard(SafeFileHandle file, long offset, long length) =>
        Libc.Allocate(file, MakeHole, offset, length) < 0 ? Libc.LastError : Errno.None;

    // The kernel tells of a lost write once: asked again, through any descriptor, it may well say that all is safe.
    public override LoopOutset Outset(Bio bio) => new(bio.Op == BioOp.Flush || (bio.Flags & BioFlags.Fua) != 0);

    public override void End(BioAttempt attempt, LoopOutset outset, BlockStatus status)
    {
        if (outset.IsToldOnce)
        {
            attempt.Complete(status);
        }
        else
        {
            attempt.End(status);
        }
    }
}
