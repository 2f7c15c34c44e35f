namespace LibMultipath.Selection;

/// <summary>What a selector may take before it is not asked any more.</summary>
public sealed record SelectorOptions
{
    /// <summary>The id that it is known by, which no other one of its <see cref="MpathSelectors"/> may have; made if empty.</summary>
    public Guid Id { get; init; }

    /// <summary>How many steps of the iterator one choice may take: from 1.</summary>
    public int MaxSteps { get; init; } = 4096;

    /// <summary>
    /// How long one choice may take: above 0, or <see cref="Timeout.InfiniteTimeSpan"/>. Looking at the time costs two
    /// timestamps an I/O and one a step. A thread that is not run for so long has spent it too, so it should be long.
    /// </summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// After so many faults one after the other it is detached, and a warning is logged: from 1; 0 for never.
    /// </summary>
    public int MaxFaults { get; init; } = 100;

    /// <exception cref="ArgumentOutOfRangeException">A number cannot be meant.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSteps, 1, nameof(MaxSteps));
        ArgumentOutOfRangeException.ThrowIfNegative(MaxFaults, nameof(MaxFaults));
        if (MaxTime <= TimeSpan.Zero && MaxTime != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(MaxTime), MaxTime, "It must be above 0, or Timeout.InfiniteTimeSpan.");
        }
    }
}
