using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>Discard and write zeroes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ublk_param_discard
{
    public uint discard_alignment;
    public uint discard_granularity;
    public uint max_discard_sectors;
    public uint max_write_zeroes_sectors;
    public ushort max_discard_segments;
    public ushort reserved0;
}
