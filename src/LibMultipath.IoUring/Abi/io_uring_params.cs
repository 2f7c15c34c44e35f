using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LibMultipath.IoUring.Abi;

/// <summary>What a ring is asked for, and what it came to be (<c>struct io_uring_params</c>).</summary>
[StructLayout(LayoutKind.Sequential, Size = 120)]
internal struct io_uring_params
{
    public uint sq_entries;
    public uint cq_entries;
    public RingSetup flags;
    public uint sq_thread_cpu;
    public uint sq_thread_idle;
    public RingFeatures features;
    public uint wq_fd;
    public Reserved resv;
    public io_sqring_offsets sq_off;
    public io_cqring_offsets cq_off;

    [InlineArray(3)]
    public struct Reserved
    {
        private uint _first;
    }
}
