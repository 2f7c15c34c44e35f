using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>One request, in the memory that the driver shares with the server, at the place of its tag.</summary>
/// <remarks>The driver writes it before the command that fetched the tag completes, and not again before the commit.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal struct ublksrv_io_desc
{
    /// <summary>The operation in bits 0–7; above it the flags, at the places that <see cref="UblkIoFlags"/> gives them.</summary>
    public uint op_flags;

    /// <summary>Sectors of 512 bytes; for REPORT_ZONES the kernel names this word <c>nr_zones</c>.</summary>
    public uint nr_sectors;

    public ulong start_sector;
    public ulong addr;

    /// <summary>The kernel's <c>ublksrv_get_op</c>.</summary>
    public readonly UblkOp Op => (UblkOp)(byte)op_flags;

    /// <summary>The flags, not shifted: the UBLK_IO_F constants test the whole word.</summary>
    public readonly UblkIoFlags Flags => (UblkIoFlags)(op_flags & 0xffffff00);
}
