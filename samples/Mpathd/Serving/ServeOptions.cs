using LibMultipath.Paths;
using LibMultipath.Selection;
using Mpathd.Nbd;
using Mpathd.Paths;

namespace Mpathd.Serving;

/// <summary>What <c>mpathd serve</c> was asked for.</summary>
internal sealed record ServeOptions
{
    /// <summary>What leads to the data; at least one, all of one kind.</summary>
    public required IReadOnlyList<PathSpec> Paths { get; init; }

    /// <summary>How paths are selected.</summary>
    public PathSelector Policy { get; init; } = IoPolicies.Numa;

    /// <summary>Whether it has to be a block device; neither that nor an export is whichever works.</summary>
    public bool Ublk { get; init; }

    /// <summary>How it is exported over NBD; null if that was not asked for.</summary>
    public NbdHostOptions? Nbd { get; init; }

    /// <summary>The number of the block device; null for the next one that is free.</summary>
    public int? DeviceId { get; init; }

    public int Queues { get; init; } = 1;

    /// <summary>Requests in flight, for each queue.</summary>
    public int QueueDepth { get; init; } = 128;

    public bool ReadOnly { get; init; }

    public DiskRecovery Recovery { get; init; }

    public DataMode Mode { get; init; }

    /// <summary>How long the disk stays, and its I/O waits, when the last path has been removed, in seconds.</summary>
    public uint DelayedRemovalSecs { get; init; }

    /// <summary>How long I/O waits while there are paths and none works, in seconds; null for as long as one may come back.</summary>
    public uint? FastFailSecs { get; init; }
}
