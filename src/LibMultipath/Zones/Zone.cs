namespace LibMultipath.Zones;

/// <summary>One zone (<c>struct blk_zone</c>). Sectors are 512 bytes.</summary>
/// <param name="Start">The first sector.</param>
/// <param name="Length">Sectors from here to the next zone.</param>
/// <param name="Capacity">Sectors that can be written, at most the length.</param>
/// <param name="WritePointer">The sector that is written next. Means nothing in a conventional zone.</param>
/// <param name="Type">How it is written.</param>
/// <param name="Condition">What became of it.</param>
public readonly record struct Zone(long Start, long Length, long Capacity, long WritePointer, ZoneType Type, ZoneCondition Condition)
{
    /// <summary>Whether resources of the disk are used because it was not written in order.</summary>
    public bool IsNonSequential { get; init; }

    /// <summary>Whether a reset would do it good.</summary>
    public bool ResetRecommended { get; init; }
}
