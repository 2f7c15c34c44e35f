using LibMultipath.Block;

namespace LibMultipath.Paths;

/// <summary>What a user of the disk relies on.</summary>
/// <param name="Features">Those that must stay as they are.</param>
/// <param name="DmaAlignment">The strictest alignment of data that the user can follow: the bits that are zero in its addresses and lengths.</param>
internal readonly record struct KeptLimits(QueueFeatures Features, int DmaAlignment)
{
    /// <summary>Nothing.</summary>
    public static KeptLimits None => new(QueueFeatures.None, int.MaxValue);

    /// <summary>What this user and another one rely on.</summary>
    public KeptLimits And(KeptLimits other) => new(Features | other.Features, Math.Min(DmaAlignment, other.DmaAlignment));
}
