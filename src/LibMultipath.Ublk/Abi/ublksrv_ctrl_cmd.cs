using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>What a control command carries in the command area of its submission.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ublksrv_ctrl_cmd
{
    /// <summary>The device; <c>uint.MaxValue</c> lets ADD_DEV choose.</summary>
    public uint dev_id;

    /// <summary>Always <c>ushort.MaxValue</c> here: no command is for a queue.</summary>
    public ushort queue_id;

    /// <summary>Bytes at <see cref="addr"/>, the device path included.</summary>
    public ushort len;

    public ulong addr;

    /// <summary>The inline argument, <c>data[0]</c> in the kernel.</summary>
    public ulong data;

    /// <summary>Bytes of the char device's path in front of the buffer, its end included.</summary>
    public ushort dev_path_len;

    public ushort pad;
    public uint reserved;
}
