using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>The metadata that travels beside the data.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ublk_param_integrity
{
    public uint flags;
    public ushort max_integrity_segments;
    public byte interval_exp;
    public byte metadata_size;
    public byte pi_offset;
    public byte csum_type;
    public byte tag_size;
    public Pad pad;

    [InlineArray(5)]
    public struct Pad
    {
        private byte _first;
    }
}
