using KernelAbi;
using LibMultipath.IoUring.Abi;

namespace LibMultipath.IoUring.Tests.Abi;

/// <summary>Our structs, as they lie in memory.</summary>
internal static class Structs
{
    public static IReadOnlyList<Layout> Layouts { get; } =
    [
        .. new[]
        {
            typeof(io_uring_sqe), typeof(io_uring_cqe), typeof(io_uring_params), typeof(io_sqring_offsets), typeof(io_cqring_offsets),
            typeof(io_uring_rsrc_register), typeof(io_uring_rsrc_update2), typeof(io_uring_buf), typeof(io_uring_buf_reg),
            typeof(io_uring_getevents_arg), typeof(io_uring_probe), typeof(io_uring_probe_op), typeof(__kernel_timespec),
        }.Select(Layout.Of),
    ];
}
