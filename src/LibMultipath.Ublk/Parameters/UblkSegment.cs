namespace LibMultipath.Ublk.Parameters;

/// <summary>What one segment (a contiguous piece of memory) of a request may be.</summary>
public sealed record UblkSegment
{
    /// <summary>The largest mask that the kernel takes: no segment crosses half the address space.</summary>
    public const long NoBoundary = long.MaxValue;

    /// <summary>No segment crosses a multiple of this plus one, in bytes (<c>seg_boundary_mask</c>): a power of two less one, at least 4095.</summary>
    public long BoundaryMask { get; init; } = NoBoundary;

    /// <summary>In bytes (<c>max_segment_size</c>), at least 4096.</summary>
    public long MaxSize { get; init; } = uint.MaxValue;

    /// <summary>Segments of a request, 1 to 65535.</summary>
    public int MaxSegments { get; init; } = ushort.MaxValue;
}
