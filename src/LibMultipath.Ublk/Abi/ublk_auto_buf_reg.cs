using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>Where the buffer of the next request of a tag is to be registered; it travels in the <c>addr</c> of the submission.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ublk_auto_buf_reg
{
    public ushort index;

    /// <summary><see cref="UblkIo.UBLK_AUTO_BUF_REG_FALLBACK"/> or nothing.</summary>
    public byte flags;

    public byte reserved0;
    public uint reserved1;

    /// <summary>The kernel's <c>ublk_auto_buf_reg_to_sqe_addr</c>.</summary>
    public readonly ulong ToSqeAddr() => index | ((ulong)flags << 16) | ((ulong)reserved0 << 24) | ((ulong)reserved1 << 32);

    /// <summary>The kernel's <c>ublk_sqe_addr_to_auto_buf_reg</c>.</summary>
    public static ublk_auto_buf_reg FromSqeAddr(ulong addr) => new()
    {
        index = (ushort)addr,
        flags = (byte)(addr >> 16),
        reserved0 = (byte)(addr >> 24),
        reserved1 = (uint)(addr >> 32),
    };
}
