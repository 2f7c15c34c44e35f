using System.Runtime.InteropServices;

namespace BdevDriver.Abi;

/// <summary>The zones that BLKRESETZONE, BLKOPENZONE, BLKCLOSEZONE and BLKFINISHZONE are about.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct blk_zone_range
{
    public ulong sector;
    public ulong nr_sectors;
}
