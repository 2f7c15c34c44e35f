using KernelAbi;
using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Tests.Abi;

/// <summary>Our structs, as they lie in memory.</summary>
internal static class Structs
{
    public static IReadOnlyList<Layout> Layouts { get; } =
    [
        .. new[]
        {
            typeof(ublksrv_ctrl_cmd), typeof(ublksrv_ctrl_dev_info), typeof(ublksrv_io_desc), typeof(ublksrv_io_cmd),
            typeof(ublk_elem_header), typeof(ublk_batch_io), typeof(ublk_auto_buf_reg), typeof(ublk_shmem_buf_reg),
            typeof(ublk_param_basic), typeof(ublk_param_discard), typeof(ublk_param_devt), typeof(ublk_param_zoned),
            typeof(ublk_param_dma_align), typeof(ublk_param_segment), typeof(ublk_param_integrity), typeof(ublk_params),
            typeof(blk_zone), typeof(blk_zone_report), typeof(blk_zone_range),
        }.Select(Layout.Of),
    ];
}
