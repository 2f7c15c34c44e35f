using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Runner;

namespace LibMultipath.Ublk.Host;

/// <summary>How a disk is shown.</summary>
public sealed record UblkHostOptions
{
    /// <summary>The N of /dev/ublkbN; null for any that is free. A device of that number that waits for a server is taken over.</summary>
    public int? Id { get; init; }

    /// <summary>How many queues; the kernel makes at most one a processor. 1 by default.</summary>
    public int Queues { get; init; } = 1;

    /// <summary>How many requests of a queue are under way at a time, 1 to 4096; 128 by default.</summary>
    public int QueueDepth { get; init; } = 128;

    /// <summary>The longest request in bytes, from a page to 32 MiB; 1 MiB by default.</summary>
    public int MaxIoBytes { get; init; } = 1 << 20;

    /// <summary>Whether users may only read.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>What becomes of the disk when this process dies.</summary>
    public UblkRecovery Recovery { get; init; }

    /// <summary>How data gets here.</summary>
    public UblkDataMode Mode { get; init; }

    /// <summary>Whether requests are fetched and committed many at a time (<c>UBLK_F_BATCH_IO</c>).</summary>
    public bool Batch { get; init; }

    /// <summary>Whether the kernel is kept from looking for partitions (<c>UBLK_F_NO_AUTO_PART_SCAN</c>).</summary>
    public bool NoPartitionScan { get; init; }

    /// <summary>Whether a user without privileges is to own the device (<c>UBLK_F_UNPRIVILEGED_DEV</c>).</summary>
    public bool Unprivileged { get; init; }

    /// <summary>
    /// What the data is, so that a device that waits for its server is only taken over by one of the same data: a
    /// volume's name, a file's identity. The name of the disk unless set.
    /// </summary>
    public string? Identity { get; init; }

    /// <summary>How the queues are served, and where it is logged.</summary>
    public UblkRunnerOptions Runner { get; init; } = new();
}
