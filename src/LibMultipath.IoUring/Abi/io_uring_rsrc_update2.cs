using System.Runtime.InteropServices;

namespace LibMultipath.IoUring.Abi;

/// <summary>A change of such a table (<c>struct io_uring_rsrc_update2</c>).</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
internal struct io_uring_rsrc_update2
{
    public uint offset;
    public uint resv;
    public ulong data;
    public ulong tags;
    public uint nr;
    public uint resv2;
}
