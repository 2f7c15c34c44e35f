namespace LibMultipath.IoUring.Abi;

/// <summary>How an entry is carried out (<c>IOSQE_*</c>).</summary>
[Flags]
public enum SqeFlags : byte
{
    /// <summary>As usual.</summary>
    None = 0,

    /// <summary>The descriptor is a slot of the registered files.</summary>
    FixedFile = 1 << 0,

    /// <summary>Not before all earlier ones have ended.</summary>
    IoDrain = 1 << 1,

    /// <summary>The next entry begins when this one has ended well.</summary>
    Link = 1 << 2,

    /// <summary>The next entry begins when this one has ended, well or not.</summary>
    HardLink = 1 << 3,

    /// <summary>Always on a worker thread of the kernel.</summary>
    Async = 1 << 4,

    /// <summary>The kernel takes a buffer from the group that <see cref="io_uring_sqe.buf_index"/> names.</summary>
    BufferSelect = 1 << 5,

    /// <summary>No completion if it ends well.</summary>
    CqeSkipSuccess = 1 << 6,
}
