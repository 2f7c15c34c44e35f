using System.Runtime.InteropServices;

namespace LibMultipath.IoUring.Abi;

/// <summary>Where things lie in the mapped submission ring (<c>struct io_sqring_offsets</c>), in bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
internal struct io_sqring_offsets
{
    public uint head;
    public uint tail;
    public uint ring_mask;
    public uint ring_entries;
    public uint flags;
    public uint dropped;
    public uint array;
    public uint resv1;
    public ulong user_addr;
}
