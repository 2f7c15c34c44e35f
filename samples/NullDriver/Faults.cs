using LibMultipath.Block;

namespace NullDriver;

/// <summary>Ready-made faults for <see cref="NullOptions.Fault"/>.</summary>
public static class Faults
{
    /// <summary>Ends a share of all attempts with a status, the same ones for the same seed and order.</summary>
    /// <param name="status">What a faulty attempt ends with.</param>
    /// <param name="probability">From 0, never, to 1, always.</param>
    /// <param name="seed">Where the sequence starts.</param>
    public static Func<Bio, BlockStatus> Randomly(BlockStatus status, double probability, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(probability, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(probability, 1);
        var random = new Random(seed);
        return _ =>
        {
            // Submitters may be many; a Random with a seed is for one at a time.
            lock (random)
            {
                return random.NextDouble() < probability ? status : BlockStatus.Ok;
            }
        };
    }
}
