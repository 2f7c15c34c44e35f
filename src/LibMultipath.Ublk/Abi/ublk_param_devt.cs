using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>The device numbers; only ever read.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ublk_param_devt
{
    public uint char_major;
    public uint char_minor;
    public uint disk_major;
    public uint disk_minor;
}
