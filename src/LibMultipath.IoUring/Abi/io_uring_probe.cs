using System.Runtime.InteropServices;

namespace LibMultipath.IoUring.Abi;

/// <summary>What the kernel says of its operations (<c>struct io_uring_probe</c>); one <see cref="io_uring_probe_op"/> each follows.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct io_uring_probe
{
    public byte last_op;
    public byte ops_len;
    public ushort resv;
    public uint resv2_0;
    public uint resv2_1;
    public uint resv2_2;
}
