using BdevDriver.Abi;
using LibMultipath.Block;
using LibMultipath.Reservations;

namespace BdevDriver.Reservations;

/// <summary>The persistent reservations of a device, by the ioctls of <c>linux/pr.h</c>. All of it blocks; one at a time.</summary>
/// <remarks>
/// <para>A unit attention is a target's way of telling what has happened before, and the kernel passes it on as an error of
/// the command that met it. So an error is met with the same command again, a few times. It may have been carried out all
/// the same, and then answers a conflict: what it was to do is looked at, and is done.</para>
/// <para>A path is set down before a failure of it is answered, and comes back by itself when its device answers.</para>
/// </remarks>
internal sealed unsafe class DeviceReservations(BdevPath path)
{
    private const int UsualKeys = 32;

    // Attentions come one by one, and are over at once; what else a target needs time for, it gets some of.
    private static readonly int[] s_retryMilliseconds = [0, 0, 20, 100, 300];

    public PrStatus Register(ulong oldKey, ulong newKey, bool ignoreKey)
    {
        var data = new pr_registration { old_key = oldKey, new_key = newKey, flags = ignoreKey ? Ioctls.PR_FL_IGNORE_KEY : 0 };
        return Send(Ioctls.IOC_PR_REGISTER, nameof(Ioctls.IOC_PR_REGISTER), &data, () => IsRegistered(newKey));
    }

    public PrStatus Reserve(ulong key, PrType type)
    {
        var data = new pr_reservation { key = key, type = (uint)type };
        return Send(Ioctls.IOC_PR_RESERVE, nameof(Ioctls.IOC_PR_RESERVE), &data, IsNotDone);
    }

    public PrStatus Release(ulong key, PrType type)
    {
        var data = new pr_reservation { key = key, type = (uint)type };
        return Send(Ioctls.IOC_PR_RELEASE, nameof(Ioctls.IOC_PR_RELEASE), &data, IsNotDone);
    }

    public PrStatus Preempt(ulong key, ulong victim, PrType type, bool abort)
    {
        var data = new pr_preempt { old_key = key, new_key = victim, type = (uint)type };
        return abort
            ? Send(Ioctls.IOC_PR_PREEMPT_ABORT, nameof(Ioctls.IOC_PR_PREEMPT_ABORT), &data, IsPreempted)
            : Send(Ioctls.IOC_PR_PREEMPT, nameof(Ioctls.IOC_PR_PREEMPT), &data, IsPreempted);

        // Our own key is gone, too, if somebody else has taken it.
        bool IsPreempted() => victim != key && HasNo(victim);
    }

    public PrStatus Clear(ulong key)
    {
        var data = new pr_clear { key = key };
        return Send(Ioctls.IOC_PR_CLEAR, nameof(Ioctls.IOC_PR_CLEAR), &data, HasNone);
    }

    public PrStatus ReadKeys(out PrKeys? keys)
    {
        PrStatus status = ReadKeys(UsualKeys, out keys);
        return status == PrStatus.Success && keys!.Count > keys.Keys.Count ? ReadKeys(keys.Count, out keys) : status;
    }

    public PrStatus ReadReservation(out PrReservation? reservation)
    {
        pr_read_reservation data = default;
        reservation = null;
        if (!TryRead(Ioctls.IOC_PR_READ_RESERVATION, nameof(Ioctls.IOC_PR_READ_RESERVATION), &data, out PrStatus status))
        {
            return AfterFailure(PersistentReserveIn.ReadReservation(path, out reservation));
        }

        if (status == PrStatus.Success && data.type != 0)
        {
            reservation = new PrReservation(data.generation, data.key, (PrType)data.type);
        }

        return status;
    }

    private static bool IsNotDone() => false;

    private PrStatus ReadKeys(int room, out PrKeys? keys)
    {
        ulong[] read = new ulong[room];
        keys = null;
        fixed (ulong* to = read)
        {
            var data = new pr_read_keys { num_keys = (uint)room, keys_ptr = (ulong)to };
            if (!TryRead(Ioctls.IOC_PR_READ_KEYS, nameof(Ioctls.IOC_PR_READ_KEYS), &data, out PrStatus status))
            {
                return AfterFailure(PersistentReserveIn.ReadKeys(path, room, out keys));
            }

            if (status == PrStatus.Success)
            {
                keys = new PrKeys(data.generation, read[..Math.Min(room, (int)data.num_keys)], (int)data.num_keys);
            }

            return status;
        }
    }

    // A kernel that lacks one of the two answers that it does not know it.
    private bool TryRead(uint command, string name, void* data, out PrStatus status)
    {
        int result = path.Control(command, data);
        bool known = result is not (-(int)Errno.ENOTTY or -(int)Errno.EINVAL);
        status = known ? Retry(result, command, name, data, IsNotDone) : default;
        return known;
    }

    private PrStatus Send(uint command, string name, void* data, Func<bool> isDone) =>
        Retry(path.Control(command, data), command, name, data, isDone);

    private PrStatus Retry(int result, uint command, string name, void* data, Func<bool> isDone)
    {
        bool inDoubt = false;
        PrStatus status = StatusOf(result, name);
        foreach (int milliseconds in s_retryMilliseconds)
        {
            if (status is not (PrStatus.IoError or PrStatus.RetryPathFailure))
            {
                break;
            }

            if (path.IsReleasedWithin(TimeSpan.FromMilliseconds(milliseconds)))
            {
                return PrStatus.PathFailed;
            }

            inDoubt = true;
            status = StatusOf(path.Control(command, data), name);
        }

        return status == PrStatus.ReservationConflict && inDoubt && isDone() ? PrStatus.Success : AfterFailure(status);
    }

    private PrStatus AfterFailure(PrStatus status)
    {
        switch (status)
        {
            case PrStatus.PathFailed or PrStatus.PathFastFailed or PrStatus.RetryPathFailure:
                path.Suspect();
                return status;
            case PrStatus.IoError when !path.Check():
                return PrStatus.PathFailed;
            case PrStatus.IoError when PersistentReserveIn.IsUnknown(path):
                // The kernel's SCSI disks say no more than that it failed.
                return PrStatus.NotSupported;
            default:
                return status;
        }
    }

    private PrStatus StatusOf(int result, string name) => result switch
    {
        >= 0 => (PrStatus)result,
        -(int)Errno.EINTR or -(int)Errno.EAGAIN or -(int)Errno.EBUSY => PrStatus.RetryPathFailure,
        -(int)Errno.ENODEV or -(int)Errno.ENXIO or -(int)Errno.ENOLINK or -(int)Errno.ETIMEDOUT => PrStatus.PathFailed,
        -(int)Errno.EBADE => PrStatus.ReservationConflict,
        -(int)Errno.EIO => PrStatus.IoError,
        -(int)Errno.EOPNOTSUPP or -(int)Errno.ENOTTY => PrStatus.NotSupported,
        -(int)Errno.EPERM when path.IsPartition => PrStatus.NotSupported,
        -(int)Errno.EPERM => throw new BlockException(Errno.EPERM, $"{name} on {path.File} is not allowed: it needs CAP_SYS_ADMIN, or a path that writes"),
        _ => throw new BlockException((Errno)(-result), $"{name} on {path.File} failed: the device refuses it"),
    };

    // Registering a key over itself changes nothing, and is refused when it is not the one that is registered here. None
    // is registered here if that is so for 0.
    private bool IsRegistered(ulong key)
    {
        var data = new pr_registration { old_key = key, new_key = key };
        return path.Control(Ioctls.IOC_PR_REGISTER, &data) == 0;
    }

    private bool HasNone() => ReadKeys(out PrKeys? keys) == PrStatus.Success && keys!.Count == 0;

    private bool HasNo(ulong key) => ReadKeys(out PrKeys? keys) == PrStatus.Success && !keys!.Keys.Contains(key);
}
