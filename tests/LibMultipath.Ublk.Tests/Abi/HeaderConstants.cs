using KernelAbi;
using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Tests.Abi;

/// <summary>Our constants under their names in the kernel's headers, all as 64 bits.</summary>
internal static class HeaderConstants
{
    private static readonly Type[] s_classes =
        [typeof(UblkCommand), typeof(UblkIo), typeof(UblkParamType), typeof(UblkShmem), typeof(blk_zone_report), typeof(blk_zone_range), typeof(blk_zone_type), typeof(blk_zone_cond)];

    public static IEnumerable<(string Name, ulong Value)> All =>
    [
        .. s_classes.SelectMany(Constants.Of),
        .. Constants.Of<UblkOp>("UBLK_IO_OP_", "READ WRITE FLUSH DISCARD WRITE_SAME WRITE_ZEROES ZONE_OPEN ZONE_CLOSE ZONE_FINISH ZONE_APPEND ZONE_RESET_ALL ZONE_RESET REPORT_ZONES"),
        .. Constants.Of<UblkIoFlags>("UBLK_IO_F_", "- FAILFAST_DEV FAILFAST_TRANSPORT FAILFAST_DRIVER META FUA NOUNMAP SWAP NEED_REG_BUF INTEGRITY SHMEM_ZC"),
        .. Constants.Of<UblkAttributes>("UBLK_ATTR_", "- READ_ONLY ROTATIONAL VOLATILE_CACHE FUA"),
        .. Constants.Of<UblkDeviceState>("UBLK_S_DEV_", "DEAD LIVE QUIESCED FAIL_IO"),
        .. Enumerable.Range(0, 20).Select(bit => ("UBLK_F_" + ((UblkFeatures)(1UL << bit)).ToText(), 1UL << bit)),
    ];
}
