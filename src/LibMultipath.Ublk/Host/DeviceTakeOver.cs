using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Queues;

namespace LibMultipath.Ublk.Host;

/// <summary>What becomes of a device that has the number that a disk is to have: it is another server's, taken over, or in the way.</summary>
internal static class DeviceTakeOver
{
    /// <summary>Takes over a device that nobody serves, if it can be; one that is only in the way is deleted.</summary>
    /// <returns>The device, to be started; null when there is none of that number, or not any more.</returns>
    /// <exception cref="UblkException">Busy: it is another server's. Other: it showed another disk.</exception>
    public static UblkDevice? TryTake(UblkControl control, BlockDevice disk, UblkHostOptions options, CancellationToken cancellationToken)
    {
        if (options.Id is not { } id)
        {
            return null;
        }

        string doing = $"taking ublk device {id} over";
        var deadline = new Deadline(options.Runner.Timeout);
        for (int pause = 0; UblkControl.ListIds().Contains(id);)
        {
            UblkDevice? there = Look(control, id, cancellationToken);
            if (there is null)
            {
                break;
            }

            if (there.Info.State == UblkDeviceState.Live && IsAlive(there.Info.ServerPid))
            {
                throw new UblkException(UblkErrorKind.Busy, Errno.EBUSY, doing, $"process {there.Info.ServerPid} serves it", "stop that one first, or give another number");
            }

            if ((there.Info.Features & UblkFeatures.UserRecovery) != 0 && there.Info.State != UblkDeviceState.Dead)
            {
                EnsureSame(there, disk, options, doing);
                return UblkDevice.Recover(control, id, options.Runner.Timeout, cancellationToken);
            }

            // Its disk is gone, or going, or has not come yet: which of them, only who has it open knows.
            if (UblkDevice.TryDeleteUnopened(control, there.Info, deadline, cancellationToken))
            {
                break;
            }

            if (deadline.IsOver)
            {
                throw new UblkException(UblkErrorKind.Busy, Errno.EBUSY, doing, $"another server has {there.Info.CharPath} open: it is about to start, or to end", "end that one first, or give another number");
            }

            deadline.Pause(ref pause, cancellationToken);
        }

        return null;
    }

    private static UblkDevice? Look(UblkControl control, int id, CancellationToken cancellationToken)
    {
        try
        {
            return UblkDevice.Attach(control, id, cancellation: cancellationToken);
        }
        catch (UblkException exception) when (exception.Kind == UblkErrorKind.NotFound)
        {
            return null;
        }
    }

    // A process that has ended and that nobody has asked for its end serves nothing.
    private static bool IsAlive(int process)
    {
        if (process <= 0 || process == Environment.ProcessId)
        {
            return false;
        }

        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')')..] is not [_, _, 'Z' or 'X', ..];
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>What a device that was taken over is, and was asked to be otherwise: to be logged.</summary>
    public static IEnumerable<string> Differences(UblkDeviceInfo info, UblkHostOptions options)
    {
        (string What, object Is, object Asked)[] all =
        [
            ("data mode", UblkDataModes.Of(info.Features), options.Mode),
            ("recovery", UblkRecoveries.Of(info.Features), options.Recovery),
            ("batches", (info.Features & UblkFeatures.BatchIo) != 0, options.Batch),
            ("queues", info.Queues, options.Queues),
            ("queue depth", info.QueueDepth, options.QueueDepth),
        ];
        return all.Where(each => !each.Is.Equals(each.Asked)).Select(each => $"It goes on as it was made, with {each.What} {each.Is} and not {each.Asked}.");
    }

    // Users have the old disk open: one of other data in its place would be worse than none.
    private static void EnsureSame(UblkDevice there, BlockDevice disk, UblkHostOptions options, string doing)
    {
        UblkParameters has = there.Parameters;
        bool readOnly = options.ReadOnly || disk.IsReadOnly;
        bool isReadOnly = (has.Attributes & UblkAttributes.ReadOnly) != 0;
        string? differs =
            has.DevSectors != disk.CapacitySectors ? $"it has {has.DevSectors} sectors, and {disk.Name} has {disk.CapacitySectors}"
            : has.LogicalBlockSize != disk.Limits.LogicalBlockSize ? $"its blocks have {has.LogicalBlockSize} bytes, and those of {disk.Name} {disk.Limits.LogicalBlockSize}"
            : has.PhysicalBlockSize != disk.Limits.PhysicalBlockSize ? $"its physical blocks have {has.PhysicalBlockSize} bytes, and those of {disk.Name} {disk.Limits.PhysicalBlockSize}"
            : DiskParameters.Misfit(there, disk.Name, disk.Limits) is { } misfit ? misfit
            : readOnly && !isReadOnly ? $"it can be written to, and {disk.Name} is to be read only"
            : isReadOnly && !readOnly ? $"it can only be read, and {disk.Name} is to be written to"
            : there.Info.ServerData != DiskParameters.IdentityOf(disk, options) ? $"it showed other data than {disk.Name}"
            : null;
        if (differs is not null)
        {
            throw new UblkException(UblkErrorKind.Other, Errno.EINVAL, doing, differs, "serve what it showed before, or delete it");
        }
    }
}
