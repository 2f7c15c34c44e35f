namespace Mpathd.Serving;

/// <summary>A block device that is served, at one moment. Part of the answer to <c>status</c>: its names are only ever added to.</summary>
internal sealed record DiskHostStatus
{
    /// <summary>Such as <c>/dev/ublkb0</c>.</summary>
    public required string BlockPath { get; init; }

    /// <summary>The device's number.</summary>
    public required int Id { get; init; }

    public required int Queues { get; init; }

    public required int QueueDepth { get; init; }

    /// <summary>How data moves: copy, user-copy, zero-copy, batch.</summary>
    public required string Mode { get; init; }

    /// <summary>What becomes of it when the daemon dies: none, reissue, queue, fail-io.</summary>
    public required string Recovery { get; init; }

    /// <summary>Whether it was taken over from a daemon that died.</summary>
    public bool Recovered { get; init; }
}
