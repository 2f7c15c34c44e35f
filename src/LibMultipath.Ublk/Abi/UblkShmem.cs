namespace LibMultipath.Ublk.Abi;

/// <summary>How a request in registered shared memory names its place: offset in bits 0–31, buffer in bits 32–47.</summary>
internal static class UblkShmem
{
    /// <summary>Pin without write access, so that a write-sealed memfd will do.</summary>
    public const uint UBLK_SHMEM_BUF_READ_ONLY = 1U << 0;

    public const ulong UBLK_SHMEM_ZC_OFF_MASK = 0xffffffff;
    public const int UBLK_SHMEM_ZC_IDX_OFF = 32;
    public const ulong UBLK_SHMEM_ZC_IDX_MASK = 0xffff;

    /// <summary>The kernel's <c>ublk_shmem_zc_addr</c>.</summary>
    public static ulong Address(ushort index, uint offset) => ((ulong)index << UBLK_SHMEM_ZC_IDX_OFF) | offset;

    /// <summary>The kernel's <c>ublk_shmem_zc_index</c>.</summary>
    public static ushort Index(ulong addr) => (ushort)((addr >> UBLK_SHMEM_ZC_IDX_OFF) & UBLK_SHMEM_ZC_IDX_MASK);

    /// <summary>The kernel's <c>ublk_shmem_zc_offset</c>.</summary>
    public static uint Offset(ulong addr) => (uint)(addr & UBLK_SHMEM_ZC_OFF_MASK);
}
