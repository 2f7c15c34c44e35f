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

    public override int Discard(SafeFileHandle file, long offset, long length) => Libc.Allocate(file, MakeHole, offset, length);

    public override void End(BioAttempt attempt, bool syncs, BlockStatus status)
    {
        if (syncs)
        {
            // The kernel tells of a lost write once: asked again, through any descriptor, it may well say that all
            // is safe. So this is final, whatever the status.
            attempt.Complete(status);
        }
        else
        {
            attempt.End(status);
        }
    }
}
