using Microsoft.Extensions.Logging;

namespace LibMultipath.Ublk.Queues;

/// <summary>How a queue is served.</summary>
public sealed record UblkQueueOptions
{
    /// <summary>The first tag that is served; others are another thread's (<see cref="Abi.UblkFeatures.PerIoDaemon"/>). 0 by default.</summary>
    public int FirstTag { get; init; }

    /// <summary>How many tags are served; 0, the default, for all from the first.</summary>
    public int TagCount { get; init; }

    /// <summary>Where faults are logged; null for nowhere.</summary>
    public ILogger? Logger { get; init; }
}
