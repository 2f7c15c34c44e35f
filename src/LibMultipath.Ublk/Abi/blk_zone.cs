using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>The descriptor of one zone, as a zone report holds it (linux/blkzoned.h). Sectors are 512 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct blk_zone
{
    /// <summary>The first sector.</summary>
    public ulong start;

    /// <summary>Sectors from here to the next zone.</summary>
    public ulong len;

    /// <summary>The sector that is written next.</summary>
    public ulong wp;

    /// <summary>What kind of zone it is.</summary>
    public blk_zone_type type;

    /// <summary>Its condition.</summary>
    public blk_zone_cond cond;

    /// <summary>1: written out of order, and using resources for that.</summary>
    public byte non_seq;

    /// <summary>1: a reset would do it good.</summary>
    public byte reset;

    private readonly uint _resv;

    /// <summary>Sectors that can be written, at most <see cref="len"/>.</summary>
    public ulong capacity;

    private readonly Reserved _reserved;

    [InlineArray(24)]
    private struct Reserved
    {
        private byte _first;
    }
}
