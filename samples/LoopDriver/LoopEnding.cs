using LibMultipath.Block;

namespace LoopDriver;

/// <summary>How an attempt ends that the kernel has had, whichever engine gave it to the kernel.</summary>
internal readonly struct LoopEnding
{
    private readonly DescriptorTarget _target;
    private readonly BioAttempt _attempt;
    private readonly bool _toldOnce;

    /// <summary>Looks at the attempt while it is under way.</summary>
    public LoopEnding(DescriptorTarget target, BioAttempt attempt)
    {
        _target = target;
        _attempt = attempt;
        _toldOnce = target.IsToldOnce(attempt.Bio);
    }

    public void End(BlockStatus status) => _target.End(_attempt, _toldOnce, status);
}
