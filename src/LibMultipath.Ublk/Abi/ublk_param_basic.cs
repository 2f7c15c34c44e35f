using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>The parameters that every device must have.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ublk_param_basic
{
    public uint attrs;
    public byte logical_bs_shift;
    public byte physical_bs_shift;
    public byte io_opt_shift;
    public byte io_min_shift;
    public uint max_sectors;
    public uint chunk_sectors;
    public ulong dev_sectors;
    public ulong virt_boundary_mask;
}
