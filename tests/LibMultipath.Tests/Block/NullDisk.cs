using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

/// <summary>A disk that is done with everything at once, and allocates nothing.</summary>
internal sealed class NullDisk(QueueLimits? limits = null) : DriverDisk("null", 1 << 20, limits)
{
    protected override void SubmitBio(BioAttempt attempt) => attempt.Complete(BlockStatus.Ok);
}
