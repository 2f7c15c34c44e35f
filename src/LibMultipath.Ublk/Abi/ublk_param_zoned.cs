using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>The limits of a zoned device.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ublk_param_zoned
{
    public uint max_open_zones;
    public uint max_active_zones;
    public uint max_zone_append_sectors;
    public Reserved reserved;

    [InlineArray(20)]
    public struct Reserved
    {
        private byte _first;
    }
}
