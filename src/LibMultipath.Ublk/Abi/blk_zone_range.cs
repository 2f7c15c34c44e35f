using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>The sectors of the zones that BLKRESETZONE, BLKOPENZONE, BLKCLOSEZONE and BLKFINISHZONE change.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct blk_zone_range
{
    public ulong sector;
    public ulong nr_sectors;

    public const uint BLKRESETZONE = 0x4010_1283;
    public const uint BLKGETZONESZ = 0x8004_1284;
    public const uint BLKGETNRZONES = 0x8004_1285;
    public const uint BLKOPENZONE = 0x4010_1286;
    public const uint BLKCLOSEZONE = 0x4010_1287;
    public const uint BLKFINISHZONE = 0x4010_1288;
}
