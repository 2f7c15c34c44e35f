using KernelAbi;
using LibMultipath.IoUring.Abi;

namespace LibMultipath.IoUring.Tests.Abi;

/// <summary>Our constants under their names in the kernel's header, all as 64 bits.</summary>
internal static class HeaderConstants
{
    public static IEnumerable<(string Name, ulong Value)> All =>
    [
        .. Constants.Of<IoUringOp>("IORING_OP_", "NOP READV WRITEV FSYNC READ_FIXED WRITE_FIXED POLL_ADD TIMEOUT ASYNC_CANCEL LINK_TIMEOUT FALLOCATE READ WRITE MSG_RING URING_CMD READ_MULTISHOT"),
        .. Constants.Of<RingSetup>("IORING_SETUP_", "- CQSIZE CLAMP R_DISABLED SUBMIT_ALL COOP_TASKRUN TASKRUN_FLAG SQE128 CQE32 SINGLE_ISSUER DEFER_TASKRUN NO_SQARRAY"),
        .. Constants.Of<RingFeatures>("IORING_FEAT_", "- SINGLE_MMAP NODROP SUBMIT_STABLE RW_CUR_POS CUR_PERSONALITY FAST_POLL POLL_32BITS SQPOLL_NONFIXED EXT_ARG NATIVE_WORKERS RSRC_TAGS CQE_SKIP"),
        .. Constants.Of<SqeFlags>("IOSQE_", "- FIXED_FILE IO_DRAIN IO_LINK IO_HARDLINK ASYNC BUFFER_SELECT CQE_SKIP_SUCCESS"),
        .. Constants.Of<CqeFlags>("IORING_CQE_F_", "- BUFFER MORE SOCK_NONEMPTY NOTIF BUF_MORE"),
        .. Constants.Of<RegisterOp>("IORING_REGISTER_", "PROBE ENABLE_RINGS FILES2 FILES_UPDATE2 BUFFERS2 BUFFERS_UPDATE PBUF_RING -"),
        ("IORING_UNREGISTER_PBUF_RING", (ulong)RegisterOp.UnregisterPbufRing),
        ("IORING_OFF_SQ_RING", 0),
        ("IORING_OFF_SQES", 0x10000000),
        ("IORING_ENTER_GETEVENTS", 1 << 0),
        ("IORING_ENTER_EXT_ARG", 1 << 3),
        ("IORING_SQ_CQ_OVERFLOW", 1 << 1),
        ("IORING_SQ_TASKRUN", 1 << 2),
        ("IORING_RSRC_REGISTER_SPARSE", 1 << 0),
        ("IO_URING_OP_SUPPORTED", 1 << 0),
        ("IORING_POLL_ADD_MULTI", 1 << 0),
        ("IORING_FSYNC_DATASYNC", 1 << 0),
        ("IORING_ASYNC_CANCEL_ALL", 1 << 0),
        ("IORING_ASYNC_CANCEL_ANY", 1 << 2),
        ("IORING_MSG_DATA", 0),
    ];
}
