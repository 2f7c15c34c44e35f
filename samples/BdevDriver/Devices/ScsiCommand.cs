using BdevDriver.Abi;
using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace BdevDriver.Devices;

/// <summary>A SCSI command that moves data to the caller, or none, by SG_IO.</summary>
internal static unsafe class ScsiCommand
{
    private const int SenseSize = 32;

    /// <summary>Has it carried out; blocks for as long as the device takes, and the kernel to give it up.</summary>
    /// <param name="system">Asks.</param>
    /// <param name="device">The device.</param>
    /// <param name="command">The command descriptor block.</param>
    /// <param name="data">Where its data goes; empty for none.</param>
    /// <param name="timeout">After this the kernel aborts it.</param>
    public static ScsiOutcome Run(DeviceSystem system, SafeFileHandle device, ReadOnlySpan<byte> command, Span<byte> data, TimeSpan timeout)
    {
        byte* sense = stackalloc byte[SenseSize];
        fixed (byte* block = command, to = data)
        {
            var header = new sg_io_hdr
            {
                interface_id = 'S',
                dxfer_direction = data.IsEmpty ? sg_io_hdr.SG_DXFER_NONE : sg_io_hdr.SG_DXFER_FROM_DEV,
                cmd_len = (byte)command.Length,
                mx_sb_len = SenseSize,
                dxfer_len = (uint)data.Length,
                dxferp = (nuint)to,
                cmdp = (nuint)block,
                sbp = (nuint)sense,
                timeout = (uint)timeout.TotalMilliseconds,
            };
            int result = system.Control(device, Ioctls.SG_IO, &header);
            (byte key, byte code) = header.sb_len_wr == 0 ? default : SenseOf(new ReadOnlySpan<byte>(sense, SenseSize));
            return new ScsiOutcome((Errno)Math.Max(0, -result), header.status, header.host_status, key, code);
        }
    }

    // In the fixed format, and in the one of descriptors.
    private static (byte Key, byte Code) SenseOf(ReadOnlySpan<byte> sense) => (sense[0] & 0x7F) >= 0x72
        ? ((byte)(sense[1] & 0xF), sense[2])
        : ((byte)(sense[2] & 0xF), sense[12]);
}
