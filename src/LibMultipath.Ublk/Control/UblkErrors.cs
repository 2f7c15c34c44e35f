using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.IoUring;
using static LibMultipath.Ublk.Abi.UblkCommand;

namespace LibMultipath.Ublk.Control;

/// <summary>What the driver means by its error numbers, command by command.</summary>
internal static class UblkErrors
{
    /// <summary>Of /dev/ublk-control, when it cannot be opened.</summary>
    public static UblkException Open(string path, Errno errno)
    {
        (UblkErrorKind kind, string reason, string? remedy) = errno switch
        {
            Errno.ENOENT or Errno.ENODEV or Errno.ENXIO => (UblkErrorKind.NotSupported, "the ublk driver is not there",
                "load it with modprobe ublk_drv; it needs Linux 6.0 or newer (6.4 for this library) with CONFIG_BLK_DEV_UBLK"),
            Errno.EACCES or Errno.EPERM => (UblkErrorKind.Permission, "permission denied",
                $"run as root, or let a udev rule give {path} to this user for unprivileged devices"),
            _ => (UblkErrorKind.Other, Text(errno), null),
        };
        return new UblkException(kind, errno, $"opening {path}", reason, remedy);
    }

    /// <summary>Of the char device of a device, when it cannot be opened.</summary>
    public static UblkException OpenChar(string path, Errno errno)
    {
        (UblkErrorKind kind, string reason, string? remedy) = errno switch
        {
            Errno.ENOENT or Errno.ENODEV or Errno.ENXIO => (UblkErrorKind.NotFound, "there is no such node", "see that /dev is a devtmpfs, or that udev is running"),
            Errno.EACCES or Errno.EPERM => (UblkErrorKind.Permission, "permission denied", "run as root, or let a udev rule give the node to its owner"),
            Errno.EBUSY => (UblkErrorKind.Busy, "another server has it open", "end that server first"),
            _ => (UblkErrorKind.Other, Text(errno), (string?)null),
        };
        return new UblkException(kind, errno, $"opening {path}", reason, remedy);
    }

    /// <summary>Of a ring that could not be made for a command.</summary>
    public static UblkException Ring(RingException exception)
    {
        UblkErrorKind kind = exception.Errno switch
        {
            Errno.ENOSYS or Errno.EOPNOTSUPP or Errno.EINVAL => UblkErrorKind.NotSupported,
            Errno.EPERM or Errno.EACCES => UblkErrorKind.Permission,
            _ => UblkErrorKind.Other,
        };
        return new UblkException(kind, exception.Errno, "ublk needs io_uring", Text(exception.Errno), exception.Remedy, exception);
    }

    /// <summary>Of a command that ended with an error.</summary>
    public static UblkException Command(uint command, int id, Errno errno)
    {
        (UblkErrorKind kind, string reason, string? remedy) = Explain(command, id, errno);
        return new UblkException(kind, errno, Doing(command, id), reason, remedy);
    }

    /// <summary>Of a command that did not end in time.</summary>
    /// <param name="command">The command.</param>
    /// <param name="id">The device.</param>
    /// <param name="waited">How long.</param>
    /// <param name="stuck">Whether it does not end even though it was cancelled.</param>
    public static UblkException Timeout(uint command, int id, TimeSpan waited, bool stuck)
    {
        string? remedy = command switch
        {
            UBLK_U_CMD_START_DEV or UBLK_U_CMD_END_USER_RECOVERY => "every tag of every queue has to be fetched first: see that the threads of the queues run",
            UBLK_U_CMD_DEL_DEV => $"/dev/ublkc{id} is still open or mapped: close it or end its server, and the device goes",
            UBLK_U_CMD_STOP_DEV or UBLK_U_CMD_TRY_STOP_DEV => "the disk waits for requests that its server holds: complete them, or end the server",
            _ => null,
        };
        string reason = stuck ? $"not done after {waited.TotalSeconds:0.###} s, and the kernel does not let it be cancelled" : $"not done after {waited.TotalSeconds:0.###} s";
        return new UblkException(UblkErrorKind.Timeout, Errno.ETIMEDOUT, Doing(command, id), reason, remedy);
    }

    /// <summary>Of something that the kernel lacks.</summary>
    public static UblkException Lacks(string doing, string what, string? remedy = null) =>
        new(UblkErrorKind.NotSupported, Errno.EOPNOTSUPP, doing, $"this kernel's ublk does not have {what}", remedy);

    /// <summary>Of a thread that cannot be started.</summary>
    public static UblkException NoThread(string doing, Exception cause) =>
        new(UblkErrorKind.Other, Errno.EAGAIN, doing, "there is no thread to be had: descriptors, threads or memory are short",
            "raise the limits with ulimit -n and -u, or LimitNOFILE= and TasksMax=", cause);

    /// <summary>Whether something was missing of which there may be enough when something else is let go.</summary>
    public static bool IsShortage(Errno errno) => errno is Errno.EMFILE or Errno.ENFILE or Errno.EAGAIN or Errno.ENOMEM;

    public static string Doing(uint command, int id) => id < 0 ? Name(command) : $"{Name(command)} of ublk device {id}";

    private static (UblkErrorKind Kind, string Reason, string? Remedy) Explain(uint command, int id, Errno errno) => (command, errno) switch
    {
        (UBLK_U_CMD_ADD_DEV, Errno.EEXIST) => (UblkErrorKind.Busy, "the id is taken", "choose another, or -1 for any"),
        (UBLK_U_CMD_ADD_DEV, Errno.EPERM) => (UblkErrorKind.Permission, "only root adds such a device", "run as root (CAP_SYS_ADMIN), or add the feature UNPRIVILEGED_DEV"),
        (UBLK_U_CMD_ADD_DEV, Errno.EACCES) => (UblkErrorKind.Permission, "there are too many unprivileged devices", "raise /sys/module/ublk_drv/parameters/ublks_max"),
        (UBLK_U_CMD_ADD_DEV, Errno.ENODEV or Errno.EOPNOTSUPP) => (UblkErrorKind.NotSupported, "the driver does not know the command", "use Linux 6.4 or newer"),
        (UBLK_U_CMD_ADD_DEV, Errno.EINVAL) => (UblkErrorKind.NotSupported, "the kernel refuses the combination of features", "a zoned device needs CONFIG_BLK_DEV_ZONED; leave features out that this kernel is too old for"),
        (UBLK_U_CMD_TRY_STOP_DEV, Errno.ENODEV) or (UBLK_U_CMD_UPDATE_SIZE, Errno.ENODEV) or (UBLK_U_CMD_QUIESCE_DEV, Errno.ENODEV)
            => (UblkErrorKind.NotFound, "there is no such device, or it is not started", Listed),
        (UBLK_U_CMD_TRY_STOP_DEV, Errno.EBUSY) => (UblkErrorKind.Busy, $"/dev/ublkb{id} is open", "unmount it, or stop it unconditionally"),
        (UBLK_U_CMD_SET_PARAMS, Errno.EACCES) => (UblkErrorKind.Busy, "the device is started, and its parameters are fixed", "set them before the start"),
        (UBLK_U_CMD_SET_PARAMS, Errno.EINVAL) => (UblkErrorKind.Other, "the kernel refuses the parameters", null),
        (UBLK_U_CMD_START_DEV, Errno.EEXIST) => (UblkErrorKind.Busy, "it is started already", null),
        (UBLK_U_CMD_START_DEV, Errno.EINVAL) => (UblkErrorKind.Other, $"its parameters are missing or wrong, or this process is not the one that opened /dev/ublkc{id}", "set the parameters, and open the char device in the process that starts it"),
        (UBLK_U_CMD_START_DEV, Errno.ENODEV) => (UblkErrorKind.NotFound, "there is no such device, or the zones that its server reported are wrong", Listed),
        (UBLK_U_CMD_START_USER_RECOVERY or UBLK_U_CMD_END_USER_RECOVERY, Errno.EINVAL) => (UblkErrorKind.NotSupported, "it was added without recovery, or is another server's", "add it with USER_RECOVERY"),
        (UBLK_U_CMD_START_USER_RECOVERY, Errno.EBUSY) => (UblkErrorKind.Busy, "a server has it, or had it until just now", "end that server, and give the kernel a moment"),
        (UBLK_U_CMD_END_USER_RECOVERY, Errno.EBUSY) => (UblkErrorKind.Busy, "it is not waiting for a server", null),
        (UBLK_U_CMD_QUIESCE_DEV, Errno.EBUSY) => (UblkErrorKind.Busy, "a queue had no idle tag in all that time", "quiesce again with more time: until then new I/O waits or fails"),
        (UBLK_U_CMD_QUIESCE_DEV, Errno.EOPNOTSUPP) => (UblkErrorKind.NotSupported, "it was added without QUIESCE, or the kernel has no such command", null),
        (UBLK_U_CMD_GET_QUEUE_AFFINITY, Errno.EINVAL) => (UblkErrorKind.NotFound, "it has no such queue", null),
        (UBLK_U_CMD_UNREG_BUF, Errno.ENOENT) => (UblkErrorKind.NotFound, "it has no such buffer", null),
        (UBLK_U_CMD_REG_BUF or UBLK_U_CMD_UNREG_BUF, Errno.EOPNOTSUPP) => (UblkErrorKind.NotSupported, "it was added without SHMEM_ZC, or the kernel has no such command", null),
        (UBLK_U_CMD_REG_BUF, Errno.EINVAL) => (UblkErrorKind.Other, "the memory is not whole pages, or more than 4 GiB", null),
        (UBLK_U_CMD_REG_BUF, Errno.EEXIST) => (UblkErrorKind.Busy, "a part of the memory is registered already", "unregister it first"),
        (UBLK_U_CMD_DEL_DEV_ASYNC, Errno.EINVAL) => (UblkErrorKind.NotSupported, "the kernel does not do this for unprivileged devices", "delete it and wait"),
        (_, Errno.ENODEV) => (UblkErrorKind.NotFound, "there is no such device", Listed),
        (_, Errno.EPERM or Errno.EACCES) => (UblkErrorKind.Permission, $"it, or /dev/ublkc{id}, is not this user's", "run as root (CAP_SYS_ADMIN), or as the owner of an unprivileged device"),
        (_, Errno.EOPNOTSUPP) => (UblkErrorKind.NotSupported, "this kernel's ublk has no such command", "a newer kernel may have it"),
        (_, Errno.EBUSY) => (UblkErrorKind.Busy, Text(errno), null),
        _ => (UblkErrorKind.Other, Text(errno), null),
    };

    private const string Listed = "see /sys/class/ublk-char for those that there are";

    private static string Text(Errno errno) => Marshal.GetPInvokeErrorMessage((int)errno);
}
