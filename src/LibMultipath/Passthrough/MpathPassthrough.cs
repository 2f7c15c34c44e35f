using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Reservations;

namespace LibMultipath.Passthrough;

/// <summary>
/// What users ask of a multipath disk beside I/O: each command goes to one path, the one that selection gives, and is the
/// driver's from there. It is not tried on another path, because nobody but its sender knows whether it may be.
/// </summary>
/// <remarks>
/// Answers are as the kernel's: from 0 upwards the command's own, below 0 an errno. Without a usable path it is EWOULDBLOCK (which
/// is EAGAIN), without the driver's help EOPNOTSUPP, on a disk that is not live ENXIO. Any thread; a command may block, and the
/// path that it went to can only be removed when it has ended.
/// </remarks>
/// <param name="disk">The disk.</param>
/// <param name="reservations">
/// Who looks after the disk's registrations: a SCSI command that carries a persistent reservation goes there. Without it such a
/// command is refused, because one path alone must not have it.
/// </param>
public sealed class MpathPassthrough(MpathDisk disk, MpathReservations? reservations = null)
{
    private const uint SendScsiCommand = 1; // SCSI_IOCTL_SEND_COMMAND

    /// <summary>What a partition answers to a command that may reach beyond it (ENOIOCTLCMD).</summary>
    public const int NoIoctlCommand = -515;

    /// <summary>
    /// Sends a command to the block device (<c>bdev_ioctl</c>). What the kernel answers of every disk by itself (its size, its
    /// blocks, BLKROGET) is answered of this disk.
    /// </summary>
    /// <param name="ioctl">The command.</param>
    public int Ioctl(in MpathIoctl ioctl)
    {
        if (ioctl.OnPartition && !ioctl.HasRawIo)
        {
            return NoIoctlCommand;
        }

        return (ioctl.OnPartition ? null : DiskIoctl.Answer(disk, ioctl)) ?? CarryOutReservation(disk, ioctl, reservations) ?? Begin(ioctl);
    }

    /// <summary>Opens the character device.</summary>
    /// <exception cref="BlockException">The disk has none, is not live, or is going (ENXIO).</exception>
    public MpathCharHandle OpenCharDevice() => new(disk, reservations);

    /// <summary>Asks for the geometry (<c>getgeo</c>).</summary>
    /// <param name="geometry">The geometry, when the answer is 0.</param>
    public int GetGeometry(out DiskGeometry geometry)
    {
        DiskGeometry? found = null;
        int answer = disk.Head.Template is IMpathGeometry driver
            ? OnPath(disk, path => IoctlStep.GoOn(() =>
            {
                found = driver.GetGeometry(path);
                return found is null ? -(int)Errno.ENOTTY : 0;
            }))
            : -(int)Errno.EOPNOTSUPP;
        geometry = found ?? default;
        return answer;
    }

    /// <summary>Asks for a unique id (<c>get_unique_id</c>).</summary>
    /// <param name="kind">Which id.</param>
    /// <param name="id">The id, of up to 16 bytes; empty unless the answer, its length, is above 0.</param>
    public int GetUniqueId(UniqueIdKind kind, out byte[] id)
    {
        byte[] buffer = new byte[16];
        int answer = disk.Head.Template is IMpathUniqueId driver
            ? OnPath(disk, path => IoctlStep.Done(driver.GetUniqueId(path, kind, buffer)))
            : -(int)Errno.EOPNOTSUPP;
        id = buffer[..Math.Clamp(answer, 0, buffer.Length)];
        return answer;
    }

    /// <summary>Carries out what must not go down one path alone.</summary>
    /// <returns>Null if the command is not of that kind.</returns>
    internal static int? CarryOutReservation(MpathDisk disk, in MpathIoctl ioctl, MpathReservations? reservations)
    {
        bool isScsi = SgIo.TryGetReservationCommand(ioctl, out SgIo command);
        if (!isScsi && !PrIoctl.Is(ioctl.Code) && ioctl.Code != SendScsiCommand)
        {
            // As a block device answers a header of that version, whatever it carries.
            return SgIo.IsReservationOfVersion4(ioctl) ? -(int)Errno.EINVAL : null;
        }

        if (!disk.IsLive || !disk.Head.TryGet())
        {
            return -(int)Errno.ENXIO;
        }

        try
        {
            // The last of these is older than SG_IO, and could carry anything.
            return isScsi ? ioctl.HasRawIo ? new ScsiReservation(command, reservations).CarryOut() : -(int)Errno.EPERM
                : PrIoctl.Is(ioctl.Code) ? PrIoctl.CarryOut(ioctl, reservations)
                : -(int)Errno.ENOTTY;
        }
        finally
        {
            disk.Head.Put();
        }
    }

    /// <summary>Begins a command in the read section in which its path is selected, and ends it outside.</summary>
    internal static int OnPath(MpathDisk disk, Func<MpathDevice, IoctlStep> begin)
    {
        if (!disk.IsLive || !disk.Head.TryGet())
        {
            return -(int)Errno.ENXIO;
        }

        try
        {
            return OnPathOfHeld(disk, begin);
        }
        finally
        {
            disk.Head.Put();
        }
    }

    internal static int Faulted(MpathDisk disk, MpathDevice path, Exception exception)
    {
        disk.Head.Logger.DriverThrew(exception, disk.Name, path.Name);
        return -(int)(exception is BlockException { Errno: var errno } ? errno : Errno.EIO);
    }

    private static int OnPathOfHeld(MpathDisk disk, Func<MpathDevice, IoctlStep> begin)
    {
        MpathDevice path;
        HeldPath held;
        IoctlStep step;
        using (PathSelection selection = disk.Head.SelectPath())
        {
            if (selection.Path is not { } selected)
            {
                return -(int)Errno.EAGAIN;
            }

            path = selected;
            held = new HeldPath(path);
            try
            {
                step = begin(path);
            }
            catch (Exception exception)
            {
                held.LetGo();
                return Faulted(disk, path, exception);
            }
        }

        if (!step.NeedsPath)
        {
            held.LetGo();
        }

        try
        {
            return step.Finish();
        }
        catch (Exception exception)
        {
            return Faulted(disk, path, exception);
        }
        finally
        {
            if (step.NeedsPath)
            {
                held.LetGo();
            }
        }
    }

    private int Begin(MpathIoctl ioctl) => disk.Head.Template is IMpathBdevIoctl driver
        ? OnPath(disk, path => driver.BeginIoctl(path, ioctl))
        : -(int)Errno.EOPNOTSUPP;
}
