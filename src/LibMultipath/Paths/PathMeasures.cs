using System.Runtime.InteropServices;

namespace LibMultipath.Paths;

/// <summary>
/// What is measured of a path, alone on its cache lines: every I/O that is measured writes it, and every selection reads
/// the fields beside it.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct PathMeasures
{
    /// <summary>Eight times the smoothed latency in nanoseconds.</summary>
    [FieldOffset(128)]
    public long ScaledLatency;

    [FieldOffset(136)]
    public long Samples;

    [FieldOffset(144)]
    public long LastMeasured;
}
