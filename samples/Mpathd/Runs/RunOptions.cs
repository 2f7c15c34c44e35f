namespace Mpathd.Runs;

/// <summary>How long a run takes, and how patient it is.</summary>
internal sealed record RunOptions
{
    /// <summary>How long the workload runs.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The seed, to be told.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Whether every block is read and looked at in the end.</summary>
    public required bool ReadsBack { get; init; }

    /// <summary>How long nothing may end before what is under way counts as lost. Beyond anything that a slow disk takes.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The same when the user has interrupted the run, and waits.</summary>
    public TimeSpan InterruptedDrainLimit { get; init; } = TimeSpan.FromSeconds(1);
}
