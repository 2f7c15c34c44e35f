using LibMultipath.Block;

namespace NullDriver;

/// <summary>How a null path is.</summary>
public sealed record NullOptions
{
    /// <summary>In sectors of 512 bytes; 1 GiB unless set.</summary>
    public long CapacitySectors { get; init; } = 1L << 21;

    /// <summary>
    /// How long an I/O takes at least. Zero, the default, ends it inside the submission; anything above is kept by a
    /// thread of the path.
    /// </summary>
    public TimeSpan Latency { get; init; }

    /// <summary>What bios must keep to; null for the defaults: reads and writes, no volatile cache.</summary>
    public QueueLimits? Limits { get; init; }

    /// <summary>
    /// Asked for the status of every attempt; null for no faults. Called when the attempt is submitted, on the
    /// submitter's thread, several at a time. <see cref="Faults"/> makes some.
    /// </summary>
    public Func<Bio, BlockStatus>? Fault { get; init; }
}
