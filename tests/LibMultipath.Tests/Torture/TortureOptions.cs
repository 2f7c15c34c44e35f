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

    /// <summary>What every path can do: half of the seeds have FUA, a half a boundary that no I/O may cross.</summary>
    public QueueLimits Limits => new()
    {
        MaxSectors = 8,
        MaxSegments = 4,
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
