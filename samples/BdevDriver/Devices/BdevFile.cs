using BdevDriver.Abi;
using LibMultipath.Block;
using LoopDriver;
using Microsoft.Win32.SafeHandles;

namespace BdevDriver.Devices;

/// <summary>An open block device and what it said of itself when it was opened.</summary>
internal sealed class BdevFile : OpenDescriptor
{
    private const Errno NoMedium = (Errno)123; // ENOMEDIUM

    private BdevFile(SafeFileHandle handle)
        : base(handle)
    {
    }

    public required DeviceFolder Folder { get; init; }

    public required DeviceIdentity Identity { get; init; }

    /// <summary>Opens the device.</summary>
    /// <exception cref="BlockException">It cannot be used; the message says why, and what to do.</exception>
    public static BdevFile Open(BdevOptions options)
    {
        int descriptor = options.System.Open(options.Device, options.ReadOnly);
        if (descriptor < 0)
        {
            throw CannotOpen(options, Libc.LastError);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            return Describe(options, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>How large a device is now, in sectors; 0 when it has no medium, or has gone.</summary>
    public static long SectorsOf(DeviceSystem system, SafeFileHandle device) =>
        (long)((system.Get<ulong>(device, Ioctls.BLKGETSIZE64) ?? 0) / QueueLimits.SectorSize);

    private static BdevFile Describe(BdevOptions options, SafeFileHandle handle)
    {
        DeviceSystem system = options.System;
        if (system.NumberOf(handle) is not { } number)
        {
            throw new BlockException(Errno.EINVAL, $"{options.Device} is not a block device; name one, such as /dev/sda");
        }

        DeviceFolder folder = DeviceFolder.Find(system.Sysfs, number)
            ?? throw new BlockException(Errno.ENODEV, $"{options.Device} (device {number}) is not in {system.Sysfs}/dev/block; mount sysfs there");
        if (folder.Disk.Text("queue/zoned") == "host-managed")
        {
            throw new BlockException(Errno.EOPNOTSUPP, $"{options.Device} is a zoned disk, whose zones are written in order; use a disk without zones");
        }

        long sectors = SectorsOf(system, handle);
        return sectors == 0
            ? throw new BlockException(NoMedium, $"{options.Device} has no capacity; put a medium in, or use another device")
            : new BdevFile(handle)
            {
                CapacitySectors = sectors,
                Limits = DeviceLimits.Of(system, handle, folder),
                Folder = folder,
                Identity = new DeviceIdentity(
                    number,
                    system.Get<ulong>(handle, Ioctls.BLKGETDISKSEQ) ?? 0,
                    DeviceIdentity.ReadId(folder.Disk),
                    folder.IsPartition ? folder.Number("start") ?? 0 : 0),
            };
    }

    private static BlockException CannotOpen(BdevOptions options, Errno error) => CannotOpen(options.Device, error, options.ReadOnly, error switch
    {
        Errno.ENOENT => "it does not exist; name a block device, such as /dev/sda, and see that its driver is loaded and its bus scanned",
        Errno.EISDIR or Errno.EINVAL => "it is not a block device; name one, such as /dev/sda",
        Errno.ENXIO or Errno.ENODEV => "its driver does not answer for it: it is offline, or has gone; see device/state in its folder of /sys/block",
        Errno.EROFS => "it is write-protected; open it read-only, or take the protection away",
        Errno.EBUSY => "somebody has it for himself; see lsblk, and unmount or stop that",
        NoMedium => "it has no medium; put one in",
        _ => null,
    });
}
