using System.Runtime.InteropServices;

namespace LibMultipath.IoUring.Abi;

/// <summary>What the kernel says of an operation (<c>struct io_uring_probe_op</c>).</summary>
[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct io_uring_probe_op
{
    public byte op;
    public byte resv;
    public ushort flags;
    public uint resv2;
}
