using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>Shared memory that REG_BUF pins.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ublk_shmem_buf_reg
{
    public ulong addr;
    public ulong len;
    public uint flags;
    public uint reserved;
}
