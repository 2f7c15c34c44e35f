using System.Runtime.InteropServices;

namespace BdevDriver.Abi;

/// <summary>A SCSI command and how it ended: what SG_IO takes and gives.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct sg_io_hdr
{
    public int interface_id;
    public int dxfer_direction;
    public byte cmd_len;
    public byte mx_sb_len;
    public ushort iovec_count;
    public uint dxfer_len;
    public nuint dxferp;
    public nuint cmdp;
    public nuint sbp;

    /// <summary>In milliseconds.</summary>
    public uint timeout;

    public uint flags;
    public int pack_id;
    public nuint usr_ptr;
    public byte status;
    public byte masked_status;
    public byte msg_status;
    public byte sb_len_wr;
    public ushort host_status;
    public ushort driver_status;
    public int resid;
    public uint duration;
    public uint info;

    public const int SG_DXFER_NONE = -1;
    public const int SG_DXFER_FROM_DEV = -3;
}
