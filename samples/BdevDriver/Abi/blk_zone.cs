using System.Runtime.InteropServices;

namespace BdevDriver.Abi;

/// <summary>A zone, in what BLKREPORTZONE gives.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct blk_zone
{
    public ulong start;
    public ulong len;
    public ulong wp;
    public byte type;
    public byte cond;
    public byte non_seq;
    public byte reset;
    private fixed byte _resv[4];
    public ulong capacity;
    private fixed byte _reserved[24];
}
