using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>
/// A disk behind the kernel's own NVMe target, and the NVMe disk that comes of it: the way to send zone appends, for
/// which block devices have no system call.
/// </summary>
internal sealed unsafe partial class NvmeLoop : IDisposable
{
    private const nuint SubmitIo64 = 0xc0504e48; // NVME_IOCTL_IO64_CMD
    private const byte ZoneAppend = 0x7d;

    private readonly string _name = $"nqn.2026-01.test:{Guid.NewGuid():N}";
    private readonly SafeFileHandle _disk;

    public NvmeLoop(string disk)
    {
        Shell.Run($"""
            set -e
            modprobe -a nvmet nvme-loop
            cd /sys/kernel/config/nvmet
            mkdir subsystems/{_name}
            echo 1 > subsystems/{_name}/attr_allow_any_host
            mkdir subsystems/{_name}/namespaces/1
            echo -n {disk} > subsystems/{_name}/namespaces/1/device_path
            echo 1 > subsystems/{_name}/namespaces/1/enable
            mkdir ports/1
            echo loop > ports/1/addr_trtype
            ln -s $PWD/subsystems/{_name} ports/1/subsystems/{_name}
            echo transport=loop,nqn={_name} > /dev/nvme-fabrics
            """);
        string device = Shell.Run($"""
            for i in $(seq 200); do
              for controller in /sys/class/nvme/nvme*; do
                if grep -q {_name} $controller/subsysnqn; then
                  for node in /dev/$(basename $controller)n1; do [ -b $node ] && echo $node && exit; done
                fi
              done
              sleep 0.1
            done
            ls /dev/nvme* /sys/class/nvme/*; dmesg | tail; exit 1
            """).Trim();
        _disk = File.OpenHandle(device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
    }

    /// <summary>Appends to a zone.</summary>
    /// <returns>The status of the command, 0 for success, and the block that it got.</returns>
    public (int Status, long Block) Append(long zone, byte* data, int blocks)
    {
        var command = new Command
        {
            Opcode = ZoneAppend,
            NamespaceId = 1,
            Address = (ulong)data,
            DataLength = (uint)blocks * 512,
            BlockLow = (uint)zone,
            BlockHigh = (uint)(zone >> 32),
            LengthLessOne = (uint)blocks - 1,
            Milliseconds = 20000,
        };
        int status = Control(_disk, SubmitIo64, &command);
        return (status < 0 ? -Marshal.GetLastPInvokeError() : status, (long)command.Result);
    }

    public void Dispose()
    {
        _disk?.Dispose();
        Shell.Run($"""
            for controller in /sys/class/nvme/nvme*; do grep -q {_name} $controller/subsysnqn && echo 1 > $controller/delete_controller; done
            cd /sys/kernel/config/nvmet
            rm ports/1/subsystems/{_name}
            rmdir ports/1
            echo 0 > subsystems/{_name}/namespaces/1/enable
            rmdir subsystems/{_name}/namespaces/1 subsystems/{_name}
            """);
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, Command* command);

    // struct nvme_passthru_cmd64
    [StructLayout(LayoutKind.Explicit, Size = 80)]
    private struct Command
    {
        [FieldOffset(0)]
        public byte Opcode;

        [FieldOffset(4)]
        public uint NamespaceId;

        [FieldOffset(24)]
        public ulong Address;

        [FieldOffset(36)]
        public uint DataLength;

        [FieldOffset(40)]
        public uint BlockLow;

        [FieldOffset(44)]
        public uint BlockHigh;

        [FieldOffset(48)]
        public uint LengthLessOne;

        [FieldOffset(64)]
        public uint Milliseconds;

        [FieldOffset(72)]
        public ulong Result;
    }
}
