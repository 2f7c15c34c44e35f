using System.Runtime.InteropServices;

namespace LibMultipath.IoUring.Abi;

/// <summary>A ring of provided buffers (<c>struct io_uring_buf_reg</c>).</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
internal struct io_uring_buf_reg
{
    public ulong ring_addr;
    public uint ring_entries;
    public ushort bgid;
    public ushort flags;
    public uint min_left;
}
