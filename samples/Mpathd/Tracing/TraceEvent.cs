using LibMultipath.Block;
using LibMultipath.Paths;

namespace Mpathd.Tracing;

/// <summary>One pass of a hook point, as it is kept until it is written: what does not belong to the point is null.</summary>
/// <param name="Point">The point.</param>
/// <param name="Time">When, in UTC.</param>
internal readonly record struct TraceEvent(TracePoint Point, DateTime Time)
{
    /// <summary>Of a bio: what is done.</summary>
    public BioOp? Op { get; init; }

    /// <summary>Of a bio: its first sector.</summary>
    public long Sector { get; init; }

    /// <summary>Of a bio: how many bytes it covers.</summary>
    public long Bytes { get; init; }

    public MpathDevice? Path { get; init; }

    public MpathDevice? OldPath { get; init; }

    /// <summary>Of a path: what its storage says of it, then.</summary>
    public MpathAccessState? AccessState { get; init; }

    /// <summary>Of a path: whether it could be used, then.</summary>
    public bool? Usable { get; init; }

    public AttemptOutcome? Outcome { get; init; }

    public BlockStatus? Status { get; init; }

    public int? Node { get; init; }

    public PathSelector? OldPolicy { get; init; }

    public PathSelector? Policy { get; init; }

    public uint? Seconds { get; init; }

    /// <summary>How many were dropped just before this one.</summary>
    public long DroppedBefore { get; init; }

    /// <summary>Of a bio.</summary>
    public static TraceEvent Of(TracePoint point, Bio bio) => new(point, DateTime.UtcNow) { Op = bio.Op, Sector = bio.Sector, Bytes = bio.Size };
}
