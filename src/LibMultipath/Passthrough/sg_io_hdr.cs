using System.Runtime.InteropServices;

namespace LibMultipath.Passthrough;

/// <summary>The kernel's <c>struct sg_io_hdr</c>, on a 64-bit machine.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct sg_io_hdr
{
    public int interface_id;
    public int dxfer_direction;
    public byte cmd_len;
    public byte mx_sb_len;
    public ushort iovec_count;
    public uint dxfer_len;
    public byte* dxferp;
    public byte* cmdp;
    public byte* sbp;
    public uint timeout;
    public uint flags;
    public int pack_id;
    public void* usr_ptr;
    public byte status;
    public byte masked_status;
    public byte msg_status;
    public byte sb_len_wr;
    public ushort host_status;
    public ushort driver_status;
    public int resid;
    public uint duration;
    public uint info;
}
