using BdevDriver.Abi;
using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using LoopDriver;
using Microsoft.Win32.SafeHandles;

namespace BdevDriver.Devices;

/// <summary>A block device as the target of descriptors. What ends badly is looked at by the one who watches the device.</summary>
internal sealed unsafe class DeviceTarget(BdevOptions options, DeviceWatch watch, DeviceErrors errors, DeviceZones zones = default) : DescriptorTarget
{
    private volatile bool _ringCannotDiscard;

    public override string File => options.Device;

    public override bool IsDirect => true;

    public override bool DiscardsOnRing => !_ringCannotDiscard;

    public override bool WritesMayWait => zones.Size != 0;

    // What fallocate would do to a device is to write zeroes, which a device may refuse that discards.
    public override void PrepareDiscard(ref io_uring_sqe sqe, int file, ulong offset, ulong length)
    {
        sqe.PrepUringCmd(file, Ioctls.BLOCK_URING_CMD_DISCARD);
        sqe.addr = offset;
        sqe.addr3 = length;
    }

    public override Errno Discard(SafeFileHandle file, long offset, long length)
    {
        long* range = stackalloc long[2] { offset, length };
        return (Errno)Math.Max(0, -options.System.Control(file, Ioctls.BLKDISCARD, range));
    }

    public override Errno ManageZone(SafeFileHandle file, BioOp op, long sector) => zones.Manage(options.System, file, op, sector);

    // Linux before 6.12 has no such command, before 5.19 no commands at all; then the ioctl says what there is to say.
    public override bool LeavesDiscardToThread(Errno error)
    {
        _ringCannotDiscard |= error == Errno.EOPNOTSUPP;
        return error is Errno.EOPNOTSUPP or Errno.EINVAL;
    }

    public override BlockStatus StatusOf(Errno error) => error == Errno.ENXIO ? BlockStatus.Offline : base.StatusOf(error);

    public override LoopOutset Outset(Bio bio) => bio.Op == BioOp.Flush ? new LoopOutset(true, errors.Count) : default;

    public override void End(BioAttempt attempt, LoopOutset outset, BlockStatus status)
    {
        // Neither of these depends on the path. A reservation conflict may come often.
        if (status is BlockStatus.Ok or BlockStatus.ReservationConflict)
        {
            attempt.Complete(status);
        }
        else
        {
            watch.Judge(new DeviceFailure(attempt, outset.IsToldOnce && MayBeTheDisks(outset), status));
        }
    }

    // If the disk has failed nothing since, it has not had this one: the device may work again when it is looked at.
    private bool MayBeTheDisks(LoopOutset outset) => outset.Errors == DeviceErrors.Unknown || errors.Count != outset.Errors;
}
