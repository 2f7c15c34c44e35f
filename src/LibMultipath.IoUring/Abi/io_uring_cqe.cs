using System.Runtime.InteropServices;

namespace LibMultipath.IoUring.Abi;

/// <summary>
/// How something ended (<c>struct io_uring_cqe</c>), as it lies in the completion queue. In a ring with 32-byte
/// entries 16 more bytes follow.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public struct io_uring_cqe
{
    /// <summary>What the entry was submitted with.</summary>
    public ulong user_data;

    /// <summary>The result: not negative, or an errno with a minus sign.</summary>
    public int res;

    /// <summary>What is to know beside it.</summary>
    public CqeFlags flags;
}
