using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>What ADD_DEV asks for, and what the kernel says of a device.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ublksrv_ctrl_dev_info
{
    public ushort nr_hw_queues;
    public ushort queue_depth;
    public ushort state;
    public ushort pad0;
    public uint max_io_buf_bytes;
    public uint dev_id;
    public int ublksrv_pid;
    public uint pad1;
    public ulong flags;

    /// <summary>The server's own word; the kernel keeps it and never looks at it.</summary>
    public ulong ublksrv_flags;

    public uint owner_uid;
    public uint owner_gid;
    public ulong reserved1;
    public ulong reserved2;
}
