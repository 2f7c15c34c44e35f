using LibMultipath.Block;

namespace LoopDriver;

/// <summary>How an attempt ends that the kernel has had, whichever engine gave it to the kernel.</summary>
internal readonly struct LoopEnding
{
    private readonly DescriptorTarget _target;
    private readonly BioAttempt _attempt;
    private readonly LoopOutset _outset;

    /// <summary>Looks at the attempt while it is under way.</summary>
    public LoopEnding(DescriptorTarget target, BioAttempt attempt)
    {
        _target = target;
        _attempt = attempt;
        _outset = target.Outset(attempt.Bio);
    }

    public void End(BlockStatus status) => _target.End(_attempt, _outset, status);
}
