using LibMultipath.Block;

namespace LoopDriver;

/// <summary>How an attempt ends that the kernel has had, whichever engine gave it to the kernel.</summary>
internal readonly struct LoopEnding
{
    private readonly BioAttempt _attempt;
    private readonly bool _syncs;

    /// <summary>Looks at the attempt while it is under way.</summary>
    public LoopEnding(BioAttempt attempt)
    {
        _attempt = attempt;
        _syncs = attempt.Bio.Op == BioOp.Flush || (attempt.Bio.Flags & BioFlags.Fua) != 0;
    }

    public void End(BlockStatus status)
    {
        if (_syncs)
        {
            // The kernel tells of a lost write once: asked again, through any descriptor, it may well say that all
            // is safe. So this is final, whatever the status.
            _attempt.Complete(status);
        }
        else
        {
            _attempt.End(status);
        }
    }
}
