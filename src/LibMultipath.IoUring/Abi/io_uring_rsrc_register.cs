using System.Runtime.InteropServices;

namespace LibMultipath.IoUring.Abi;

/// <summary>A table of files or buffers (<c>struct io_uring_rsrc_register</c>).</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
internal struct io_uring_rsrc_register
{
    public uint nr;
    public uint flags;
    public ulong resv2;
    public ulong data;
    public ulong tags;
}
