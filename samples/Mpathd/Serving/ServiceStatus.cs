using System.Text.Json.Serialization;

namespace Mpathd.Serving;

/// <summary>A daemon and its disk at one moment: the answer to <c>status</c>. Its names are a contract, and only ever added to.</summary>
internal sealed record ServiceStatus
{
    /// <summary>live; waiting (no path is usable, I/O waits); stopping; gone.</summary>
    public required string State { get; init; }

    /// <summary>The block device; none if there is none.</summary>
    public DiskHostStatus? Device { get; init; }

    /// <summary>The NBD export; none if there is none.</summary>
    public NbdHostStatus? Nbd { get; init; }

    public required long CapacityBytes { get; init; }

    public required int LogicalBlockBytes { get; init; }

    public required bool ReadOnly { get; init; }

    public required string Policy { get; init; }

    /// <summary>The selector over the policy; null if there is none.</summary>
    public SelectorStatus? Selector { get; init; }

    /// <summary>How long the disk stays when its last path has been removed, in seconds.</summary>
    public required uint DelayedRemovalSecs { get; init; }

    /// <summary>I/Os of the disk, and what they moved.</summary>
    public required long Ios { get; init; }

    public required long Bytes { get; init; }

    /// <summary>I/Os that wait for a path.</summary>
    public required int Waiting { get; init; }

    /// <summary>I/Os that had to wait because no path was usable.</summary>
    public required long Requeued { get; init; }

    public required long Failovers { get; init; }

    public required long Errors { get; init; }

    /// <summary>How long the daemon has served, in seconds.</summary>
    public required double UptimeSecs { get; init; }

    /// <summary>The daemon's process.</summary>
    public required int Pid { get; init; }

    /// <summary>The daemon's version.</summary>
    public required string Version { get; init; }

    /// <summary>In order of addition.</summary>
    public required PathStatus[] Paths { get; init; }

    /// <summary>What sysfs would show of it, when it was asked for.</summary>
    public AttributeStatus[]? Attributes { get; init; }

    /// <summary>What it is called: the block device, or the export if there is none.</summary>
    [JsonIgnore]
    public string? Name => Device?.BlockPath ?? Nbd?.Uri;
}
