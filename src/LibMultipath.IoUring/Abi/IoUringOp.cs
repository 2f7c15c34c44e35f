namespace LibMultipath.IoUring.Abi;

/// <summary>The operations that this package knows (<c>enum io_uring_op</c>).</summary>
public enum IoUringOp : byte
{
    /// <summary>Nothing (<c>IORING_OP_NOP</c>).</summary>
    Nop = 0,

    /// <summary>Read into vectors (<c>IORING_OP_READV</c>).</summary>
    Readv = 1,

    /// <summary>Write from vectors (<c>IORING_OP_WRITEV</c>).</summary>
    Writev = 2,

    /// <summary>Make a file durable (<c>IORING_OP_FSYNC</c>).</summary>
    Fsync = 3,

    /// <summary>Read into a registered buffer (<c>IORING_OP_READ_FIXED</c>).</summary>
    ReadFixed = 4,

    /// <summary>Write from a registered buffer (<c>IORING_OP_WRITE_FIXED</c>).</summary>
    WriteFixed = 5,

    /// <summary>Wait for readiness (<c>IORING_OP_POLL_ADD</c>).</summary>
    PollAdd = 6,

    /// <summary>Complete after a while (<c>IORING_OP_TIMEOUT</c>).</summary>
    Timeout = 11,

    /// <summary>Cancel an operation (<c>IORING_OP_ASYNC_CANCEL</c>).</summary>
    AsyncCancel = 14,

    /// <summary>Cancel the operation before after a while (<c>IORING_OP_LINK_TIMEOUT</c>).</summary>
    LinkTimeout = 15,

    /// <summary>Allocate, free or zero a part of a file (<c>IORING_OP_FALLOCATE</c>).</summary>
    Fallocate = 17,

    /// <summary>Read into a buffer (<c>IORING_OP_READ</c>).</summary>
    Read = 22,

    /// <summary>Write from a buffer (<c>IORING_OP_WRITE</c>).</summary>
    Write = 23,

    /// <summary>Put a completion on another ring (<c>IORING_OP_MSG_RING</c>).</summary>
    MsgRing = 40,

    /// <summary>A command to a driver (<c>IORING_OP_URING_CMD</c>).</summary>
    UringCmd = 46,

    /// <summary>Read again and again, into provided buffers (<c>IORING_OP_READ_MULTISHOT</c>, Linux 6.7).</summary>
    ReadMultishot = 49,
}
