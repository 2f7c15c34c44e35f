using LibMultipath.Topology;
using LibMultipath.Work;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Paths;

/// <summary>What a head takes from its surroundings. Everything has a default.</summary>
public sealed record MpathHeadOptions
{
    /// <summary>The NUMA topology; null for the system's.</summary>
    public INumaTopology? Topology { get; init; }

    /// <summary>The clock and the timers; null for the system's.</summary>
    public TimeProvider? TimeProvider { get; init; }

    /// <summary>Where deferred work runs; null for the library's own threads.</summary>
    public IWorkScheduler? Scheduler { get; init; }

    /// <summary>Where the head logs; null for nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary><see cref="MpathHead.DelayedRemovalSecs"/> to begin with, in seconds.</summary>
    public uint DelayedRemovalSecs { get; init; }

    /// <summary><see cref="MpathHead.FailureTimes"/> to begin with; by default nothing is given.</summary>
    public FailureTimes FailureTimes { get; init; } = new();

    /// <summary>Something of the driver's.</summary>
    public object? DriverData { get; init; }
}
