using Microsoft.Extensions.Logging;

namespace LibMultipath.Ublk.Runner;

/// <summary>How a runner serves a device.</summary>
public sealed record UblkRunnerOptions
{
    /// <summary>
    /// How many threads: 0, the default, for one a queue; fewer than there are queues, and each serves several; a
    /// multiple of the queues, and each serves a part of a queue's tags, which needs
    /// <see cref="Abi.UblkFeatures.PerIoDaemon"/> and so excludes <see cref="Abi.UblkFeatures.BatchIo"/>.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>Whether each thread is pinned to the processors of its queue. True by default.</summary>
    public bool PinThreads { get; init; } = true;

    /// <summary>After how long without a request memory is given back; 20 s by default.</summary>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the device may take to come up or to go away; 30 s by default.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where faults are logged; null for nowhere.</summary>
    public ILogger? Logger { get; init; }
}
