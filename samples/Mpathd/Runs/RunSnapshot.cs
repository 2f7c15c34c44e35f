using Mpathd.Faults;

namespace Mpathd.Runs;

/// <summary>A run at one moment, for those who watch it.</summary>
internal sealed record RunSnapshot
{
    public required RunPhase Phase { get; init; }

    /// <summary>How long the workload has run.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>How long it is to run.</summary>
    public required TimeSpan Duration { get; init; }

    public required string Policy { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>I/Os of the workload that have ended.</summary>
    public required long Ios { get; init; }

    /// <summary>Bytes that the workload has read or written.</summary>
    public required long Bytes { get; init; }

    public required long Errors { get; init; }

    public required long Miscompares { get; init; }

    public required long Failovers { get; init; }

    /// <summary>I/Os that wait for a path.</summary>
    public required int Waiting { get; init; }

    public required FaultCounts Faults { get; init; }

    /// <summary>Bytes that were read back.</summary>
    public required long ReadBack { get; init; }

    /// <summary>Bytes that are to be read back.</summary>
    public required long ReadBackTotal { get; init; }

    public required PathSnapshot[] Paths { get; init; }
}
