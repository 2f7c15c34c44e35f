using System.Runtime.InteropServices;

namespace BdevDriver.Abi;

/// <summary>What BLKREPORTZONE takes, with the room for zones, and gives, with how many there are; the zones follow it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct blk_zone_report
{
    public ulong sector;
    public uint nr_zones;
    public uint flags;

    /// <summary>In <see cref="flags"/>: the zones have a capacity.</summary>
    public const uint BLK_ZONE_REP_CAPACITY = 1;
}
