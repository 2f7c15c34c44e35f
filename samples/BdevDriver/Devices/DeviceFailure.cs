using LibMultipath.Block;

namespace BdevDriver.Devices;

/// <summary>An attempt that has ended badly, and that the state of the device decides about.</summary>
/// <remarks>
/// <para>A device that has gone answers anything: a read ends short, a write finds no space, the rest fails with EIO or
/// EINVAL. So no status counts before the device was looked at.</para>
/// <para><b>Flush and FUA.</b> All paths of a disk lead to one cache, in the disk; a file's is in the kernel, which tells of
/// a lost write once, whatever the descriptor. So here a flush that its path has kept from the disk (offline, no link,
/// no answer) is as good on another one. But an EIO of a device that works may be the disk's only word about data that
/// it has lost: that is final, unless the kernel counts a disk's errors and has counted none meanwhile. A write with FUA is
/// only about its own data, which another path writes again.</para>
/// </remarks>
/// <param name="Attempt">Still under way.</param>
/// <param name="ToldOnce">Whether it may be of writes that were done before, and be told once: a flush.</param>
/// <param name="Status">What the kernel said.</param>
internal readonly record struct DeviceFailure(BioAttempt Attempt, bool ToldOnce, BlockStatus Status)
{
    /// <summary>Whether it tells of the way to the device, whatever its state says.</summary>
    public bool IsOfPath => Status is BlockStatus.Transport or BlockStatus.Offline or BlockStatus.Timeout;

    /// <summary>Ends it.</summary>
    /// <param name="device">The device after that.</param>
    public void End(DeviceLook device)
    {
        if (device.Condition != DeviceCondition.Works)
        {
            Attempt.FailPath(IsOfPath ? Status : BlockStatus.Offline);
        }
        else if (!device.TakesIo)
        {
            Attempt.FailAccessState(Status);
        }
        else if (ToldOnce && Status == BlockStatus.IoError)
        {
            Attempt.Complete(Status);
        }
        else
        {
            Attempt.End(Status);
        }
    }
}
