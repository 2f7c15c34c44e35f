using Mpathd.Control;

namespace Mpathd.Serving;

/// <summary>How patient a daemon is.</summary>
internal sealed record DaemonLimits
{
    /// <summary>What clients may take.</summary>
    public ControlLimits Control { get; init; } = new();

    /// <summary>At the beginning: how long paths may take to work, and to be registered for the disk's persistent reservation.</summary>
    public TimeSpan Start { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>At the end: how long I/O that waits for a path may go on waiting, before it fails.</summary>
    public TimeSpan Waiting { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>At the end: how long the device may take to go, that time included.</summary>
    public TimeSpan Device { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>At the end: how long paths may take to give back what they have, and clients to take their answer.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>All of the end.</summary>
    public TimeSpan End => Device + Rest + Rest + Rest;
}
