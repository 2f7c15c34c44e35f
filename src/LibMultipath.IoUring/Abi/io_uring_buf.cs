using System.Runtime.InteropServices;

namespace LibMultipath.IoUring.Abi;

/// <summary>A provided buffer (<c>struct io_uring_buf</c>). In the first one of a ring, <see cref="resv"/> is the ring's tail.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct io_uring_buf
{
    public ulong addr;
    public uint len;
    public ushort bid;
    public ushort resv;
}
