namespace Mpathd.Runs;

/// <summary>What a run has come to: the numbers of the JSON line, and what people want to know beside them.</summary>
internal sealed record RunReport
{
    /// <summary>I/Os of the workload; the read-back is not among them.</summary>
    public required long Ios { get; init; }

    /// <summary>Bytes that the workload has read or written.</summary>
    public required long Bytes { get; init; }

    /// <summary>I/Os that ended with an error, of the workload and of the read-back.</summary>
    public required long Errors { get; init; }

    /// <summary>Blocks that were read and were not what was acknowledged last.</summary>
    public required long Miscompares { get; init; }

    /// <summary>I/Os that were submitted and never ended.</summary>
    public required long Lost { get; init; }

    /// <summary>I/Os that ended twice.</summary>
    public required long Duplicated { get; init; }

    /// <summary>Attempts that failed on a path and went on on another.</summary>
    public required long Failovers { get; init; }

    /// <summary>I/Os that had to wait because no path was usable.</summary>
    public required long Requeued { get; init; }

    public required long TotalLosses { get; init; }

    public required long PathsAdded { get; init; }

    public required long PathsRemoved { get; init; }

    public required long PolicyChanges { get; init; }

    /// <summary>I/Os of the workload a second.</summary>
    public required double Iops { get; init; }

    /// <summary>In microseconds, of the workload, from submission to end.</summary>
    public required double P50Microseconds { get; init; }

    /// <inheritdoc cref="P50Microseconds"/>
    public required double P99Microseconds { get; init; }

    /// <inheritdoc cref="P50Microseconds"/>
    public required double MaxMicroseconds { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>How long the workload ran.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Whether the user ended it.</summary>
    public required bool Interrupted { get; init; }

    /// <summary>I/Os that had not ended when an interrupted run had to; they were not given the time after which they would be lost.</summary>
    public required long Unfinished { get; init; }

    /// <summary>Bytes that were read back.</summary>
    public required long ReadBack { get; init; }

    /// <summary>Bytes that were to be read back; 0 if it did not come to that, or nothing is verified.</summary>
    public required long ReadBackTotal { get; init; }

    /// <summary>The first few errors and miscompares, in words.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    /// <summary>Whether nothing went wrong.</summary>
    public bool IsClean => Errors == 0 && Miscompares == 0 && Lost == 0 && Duplicated == 0;

    /// <summary>How the program ends after this. What is wrong is not forgotten because of an interruption.</summary>
    public ExitCode ExitCode => !IsClean ? ExitCode.Failed : Interrupted ? ExitCode.Interrupted : ExitCode.Done;
}
