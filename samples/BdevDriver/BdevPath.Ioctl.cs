using BdevDriver.Abi;
using BdevDriver.Devices;
using LibMultipath.Block;
using LibMultipath.Passthrough;

namespace BdevDriver;

// What goes to the device and is no bio.
public sealed unsafe partial class BdevPath
{
    /// <summary>Passes an ioctl on to the device, if it is one of those that are. Blocks for as long as the device takes.</summary>
    /// <param name="command">Such as BLKROGET; what is passed on asks for something, drops what is cached (BLKFLSBUF), sends a SCSI command (SG_IO) or is of a persistent reservation.</param>
    /// <param name="argument">What the kernel takes for it: an address, which the caller vouches for, or a number.</param>
    /// <returns>What the kernel answers; not negative.</returns>
    /// <exception cref="BlockException">
    /// It is not passed on (EPERM for one that would change the device behind the head's back, ENOTTY for one that nobody
    /// here knows), the path is only for reading and it is not (EROFS), the path has no device (ENODEV), or the device
    /// refuses it.
    /// </exception>
    public int Ioctl(uint command, nint argument)
    {
        string name = IoctlRules.Check(command, IsReadOnly, File);
        int result = Control(command, (void*)argument);
        return result >= 0 ? result : throw new BlockException((Errno)(-result), $"{name} on {File} failed");
    }

    /// <summary>The geometry of the disk, or of a partition's disk. Blocks for as long as the device takes.</summary>
    /// <returns>Null if it has none, or has gone.</returns>
    public DiskGeometry? ReadGeometry()
    {
        hd_geometry geometry = default;
        return Control(Ioctls.HDIO_GETGEO, &geometry) >= 0
            ? new DiskGeometry(geometry.heads, geometry.sectors, geometry.cylinders)
            : null;
    }

    /// <summary>As <see cref="Ioctl"/>, with an errno below 0 for what is refused.</summary>
    internal int TryIoctl(uint command, nint argument)
    {
        try
        {
            return Ioctl(command, argument);
        }
        catch (BlockException refusal)
        {
            return -(int)refusal.Errno;
        }
    }

    /// <summary>An ioctl, whatever it is; a negative errno when it fails, ENODEV when there is no descriptor.</summary>
    internal int Control(uint command, void* argument)
    {
        try
        {
            return Handle is { } device ? _options.System.Control(device, command, argument) : -(int)Errno.ENODEV;
        }
        catch (ObjectDisposedException)
        {
            return -(int)Errno.ENODEV;
        }
    }

    /// <summary>Has a SCSI command carried out.</summary>
    internal ScsiOutcome Scsi(ReadOnlySpan<byte> command, Span<byte> data, TimeSpan timeout)
    {
        try
        {
            return Handle is { } device
                ? ScsiCommand.Run(_options.System, device, command, data, timeout)
                : new ScsiOutcome(Errno.ENODEV, 0, 0, 0, 0);
        }
        catch (ObjectDisposedException)
        {
            return new ScsiOutcome(Errno.ENODEV, 0, 0, 0, 0);
        }
    }
}
