using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Tests.Torture;

/// <summary>How large a run is, and what has to have happened in it.</summary>
internal sealed record TortureOptions
{
    public required int Seed { get; init; }

    /// <summary>I/Os to complete, at the least: the run goes on until the plan is fulfilled as well.</summary>
    public required long Ios { get; init; }

    public int Submitters { get; init; } = 4;

    public int Depth { get; init; } = 32;

    public int CompletionThreads { get; init; } = 2;

    public int BlocksEach { get; init; } = 2048;

    /// <summary>The only policy; null to change it.</summary>
    public PathSelector? Policy { get; init; }

    public int Additions { get; init; } = 1000;

    public int Removals { get; init; } = 1000;

    public int FailuresInFlight { get; init; } = 1000;

    public int TotalLosses { get; init; } = 100;

    /// <summary>So long without the end of a single I/O is a hang.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether paths get clones.</summary>
    public bool Clones => Seed % 5 == 0;

    /// <summary>Whether somebody watches the attempts.</summary>
    public bool Hooks => Seed % 3 == 0;

    /// <summary>Whether selectors come and go.</summary>
    public bool Selectors { get; init; }

    /// <summary>Whether the head is shown, and somebody listens to its activities.</summary>
    public bool Activities { get; init; }

    /// <summary>
    /// What a path can do: in half of the runs FUA, in half of them a boundary that no I/O may cross, in half of them
    /// paths that differ.
    /// </summary>
    /// <param name="path">The path's number.</param>
    public QueueLimits Limits(int path) => new()
    {
        MaxSectors = (Seed & 4) != 0 && path % 3 == 0 ? 16 : 8,
        MaxSegments = (Seed & 4) != 0 && path % 4 == 0 ? 3 : 6,
        ChunkSectors = (Seed & 2) == 2 ? 4 : 0,
        Features = (Seed & 1) == 0 ? QueueFeatures.WriteCache : QueueFeatures.WriteCache | QueueFeatures.Fua,
    };

    public static TortureOptions Small(int seed, long ios, PathSelector? policy = null) => new()
    {
        Seed = seed,
        Ios = ios,
        Policy = policy,
        Additions = 20,
        Removals = 20,
        FailuresInFlight = 20,
        TotalLosses = 4,
    };
}
