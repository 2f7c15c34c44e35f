using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>What one segment of a request may be.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ublk_param_segment
{
    public ulong seg_boundary_mask;
    public uint max_segment_size;
    public ushort max_segments;
    public ushort pad;
}
