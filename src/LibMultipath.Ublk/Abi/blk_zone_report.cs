using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>What BLKREPORTZONE takes and gives; <see cref="nr_zones"/> descriptors (<see cref="blk_zone"/>) follow it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct blk_zone_report
{
    public ulong sector;
    public uint nr_zones;
    public uint flags;

    public const uint BLK_ZONE_REP_CAPACITY = 1U << 0;
    public const uint BLK_ZONE_REP_CACHED = 1U << 31;
    public const uint BLKREPORTZONE = 0xc010_1282;
    public const uint BLKREPORTZONEV2 = 0xc010_128e;
}
