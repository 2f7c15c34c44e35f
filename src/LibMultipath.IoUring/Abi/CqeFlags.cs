namespace LibMultipath.IoUring.Abi;

/// <summary>What a completion says beside its result (<c>IORING_CQE_F_*</c>).</summary>
[Flags]
public enum CqeFlags : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The upper 16 bits are the number of the provided buffer that was used.</summary>
    Buffer = 1 << 0,

    /// <summary>The same submission will complete again.</summary>
    More = 1 << 1,

    /// <summary>More is to be read from the socket.</summary>
    SockNonEmpty = 1 << 2,

    /// <summary>A notification that belongs to an earlier completion.</summary>
    Notification = 1 << 3,

    /// <summary>The provided buffer will get more.</summary>
    BufferMore = 1 << 4,
}
