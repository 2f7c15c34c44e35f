using LibMultipath.Block;

namespace LibMultipath.Benchmarks.Rig;

/// <summary>A disk whose every bio is done at once, or kept until it is asked for.</summary>
internal sealed class NullDisk(string name) : DriverDisk(name, Sectors)
{
    private const long Sectors = 1L << 31;

    private readonly List<BioAttempt> _held = [];

    /// <summary>Whether attempts are kept instead of ended.</summary>
    public bool Holds { get; set; }

    /// <summary>Ends what is kept.</summary>
    public void LetGo()
    {
        foreach (BioAttempt attempt in _held)
        {
            attempt.Complete(BlockStatus.Ok);
        }

        _held.Clear();
    }

    protected override void SubmitBio(BioAttempt attempt)
    {
        if (Holds)
        {
            _held.Add(attempt);
            return;
        }

        attempt.Complete(BlockStatus.Ok);
    }
}
