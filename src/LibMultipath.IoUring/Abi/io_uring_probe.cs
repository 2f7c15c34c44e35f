using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LibMultipath.IoUring.Abi;

/// <summary>What the kernel says of its operations (<c>struct io_uring_probe</c>); one <see cref="io_uring_probe_op"/> each follows.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct io_uring_probe
{
    public byte last_op;
    public byte ops_len;
    public ushort resv;
    public Reserved resv2;

    [InlineArray(3)]
    public struct Reserved
    {
        private uint _first;
    }
}
