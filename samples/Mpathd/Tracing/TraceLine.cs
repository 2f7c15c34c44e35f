using System.Text.Json;

namespace Mpathd.Tracing;

/// <summary>An event as it is sent and shown: a line of JSON, whose names are only ever added to.</summary>
internal sealed record TraceLine
{
    /// <summary>When, in UTC.</summary>
    public required DateTime Time { get; init; }

    /// <summary>The name of the point; <c>dropped</c> for events that were not kept because nobody read fast enough.</summary>
    public required string Point { get; init; }

    /// <summary>Of a bio: read, write, flush, …</summary>
    public string? Op { get; init; }

    public long? Sector { get; init; }

    public long? Bytes { get; init; }

    /// <summary>The name of the path.</summary>
    public string? Path { get; init; }

    public string? OldPath { get; init; }

    /// <summary>Of a path: optimized, non-optimized or inaccessible.</summary>
    public string? AccessState { get; init; }

    public bool? Usable { get; init; }

    /// <summary>What becomes of an attempt: done, retry, path-error, …</summary>
    public string? Outcome { get; init; }

    /// <summary>With what it ended: ok, io-error, …</summary>
    public string? Status { get; init; }

    public int? Node { get; init; }

    public string? OldPolicy { get; init; }

    public string? Policy { get; init; }

    public uint? Seconds { get; init; }

    /// <summary>How many events were dropped.</summary>
    public long? Count { get; init; }

    /// <summary>Describes an event.</summary>
    public static TraceLine Of(in TraceEvent found) => new()
    {
        Time = found.Time,
        Point = found.Point.Name,
        Op = found.Op is { } op ? Kebab(op.ToString()) : null,
        Sector = found.Op is null ? null : found.Sector,
        Bytes = found.Op is null ? null : found.Bytes,
        Path = found.Path?.Name,
        OldPath = found.OldPath?.Name,
        AccessState = found.AccessState is { } state ? Paths.AccessStateText.Format(state) : null,
        Usable = found.Usable,
        Outcome = found.Outcome is { } outcome ? Kebab(outcome.ToString()) : null,
        Status = found.Status is { } status ? Kebab(status.ToString()) : null,
        Node = found.Node,
        OldPolicy = found.OldPolicy?.Name,
        Policy = found.Policy?.Name,
        Seconds = found.Seconds,
    };

    /// <summary>Says that events are missing here.</summary>
    public static TraceLine Dropped(long count) => new() { Time = DateTime.UtcNow, Point = "dropped", Count = count };

    private static string Kebab(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);
}
