using System.Runtime.InteropServices;

namespace LibMultipath.IoUring.Abi;

/// <summary>How long to wait (<c>struct io_uring_getevents_arg</c>).</summary>
[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct io_uring_getevents_arg
{
    public ulong sigmask;
    public uint sigmask_sz;
    public uint min_wait_usec;
    public ulong ts;
}
