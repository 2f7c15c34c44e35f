using System.Numerics;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Parameters;

namespace LibMultipath.Ublk.Control;

// The rules of ADD_DEV.
public sealed partial record UblkDeviceOptions
{
    internal const int MostDevices = 1 << 20;
    private const int LargestIo = 1 << UblkIo.UBLK_IO_BUF_BITS;
    private const UblkFeatures CopyModes = UblkFeatures.UserCopy | UblkFeatures.ZeroCopy | UblkFeatures.AutoBufferRegistration;

    /// <summary>What the kernel clears or does without a word, and what <see cref="Validate"/> warns of.</summary>
    internal UblkFeatures Droppable =>
        (Has(CopyModes) || Has(UblkFeatures.BatchIo) ? UblkFeatures.GetData : 0)
        | (Has(UblkFeatures.BatchIo) ? UblkFeatures.PerIoDaemon : 0)
        | (Has(UblkFeatures.UnprivilegedDevice) ? UblkFeatures.UnprivilegedDevice | UblkFeatures.UserRecovery | UblkFeatures.UserRecoveryReissue : 0)
        | UblkFeatures.CompleteInTask | UblkFeatures.IoctlEncode;

    /// <summary>Tells what is wrong with these options, the parameters included, before the kernel does.</summary>
    public UblkValidation Validate() => Check(Environment.SystemPageSize);

    internal UblkValidation Check(int pageSize)
    {
        var result = new UblkValidation();
        ValidateSizes(result, pageSize);
        ValidateFeatures(result);
        if (result.Require(Parameters is not null, "Parameters is missing: a device needs them."))
        {
            Parameters!.Check(result, Features, MaxIoBytes, pageSize);
        }

        return result;
    }

    private void ValidateSizes(UblkValidation result, int pageSize)
    {
        result.Require(Id is >= -1 and < MostDevices, $"Id is {Id}; it must be from 0 to {MostDevices - 1}, or -1 for the first that is free.");
        result.Require(Queues is >= 1 and <= UblkIo.UBLK_MAX_NR_QUEUES, $"Queues is {Queues}; it must be from 1 to {UblkIo.UBLK_MAX_NR_QUEUES}.");
        result.Require(QueueDepth is >= 1 and <= UblkIo.UBLK_MAX_QUEUE_DEPTH, $"QueueDepth is {QueueDepth}; it must be from 1 to {UblkIo.UBLK_MAX_QUEUE_DEPTH}.");
        result.Require(MaxIoBytes >= pageSize && MaxIoBytes <= LargestIo, $"MaxIoBytes is {MaxIoBytes}; it must be from a page, {pageSize}, to {LargestIo} (32 MiB).");
        result.Warn(MaxIoBytes % pageSize != 0, $"MaxIoBytes {MaxIoBytes} is not a multiple of the page, {pageSize}, and the kernel rounds it down.");
    }

    private void ValidateFeatures(UblkValidation result)
    {
        UblkFeatures unknown = Features & ~UblkFeatureNames.Known;
        result.Require(unknown == 0, $"Features has {unknown.ToText()}, which nobody knows.");
        bool recovery = Has(UblkFeatures.UserRecovery);
        UblkFeatures ways = Features & (UblkFeatures.UserRecoveryReissue | UblkFeatures.UserRecoveryFailIo);
        result.Require(ways == 0 || recovery, $"{ways.ToText()} needs USER_RECOVERY: add it.");
        result.Require(BitOperations.PopCount((ulong)ways) < 2, "USER_RECOVERY_REISSUE and USER_RECOVERY_FAIL_IO exclude each other: choose one.");
        result.Require(!Has(UblkFeatures.Quiesce) || recovery, "QUIESCE needs USER_RECOVERY: add it, or leave QUIESCE out.");
        result.Require(!Has(UblkFeatures.Integrity) || Has(UblkFeatures.UserCopy), "INTEGRITY needs USER_COPY: add it, or leave INTEGRITY out.");
        result.Require(!Has(UblkFeatures.Zoned) || Has(UblkFeatures.UserCopy | UblkFeatures.ZeroCopy),
            "ZONED needs USER_COPY or SUPPORT_ZERO_COPY: an append's result takes the place of the buffer's address.");
        bool unprivileged = Has(UblkFeatures.UnprivilegedDevice);
        UblkFeatures copy = Features & CopyModes;
        result.Require(!unprivileged || copy == 0, $"UNPRIVILEGED_DEV excludes {copy.ToText()}: only the driver may copy for a server that is not trusted.");
        result.Warn(unprivileged && recovery, "UNPRIVILEGED_DEV has no recovery: the kernel drops USER_RECOVERY, and the disk goes when its server goes.");
        bool getData = Has(UblkFeatures.GetData);
        result.Warn(getData && copy != 0, $"NEED_GET_DATA is dropped by the kernel: with {copy.ToText()} the driver does not copy.");
        result.Warn(getData && Has(UblkFeatures.BatchIo), "NEED_GET_DATA is dropped by the kernel: BATCH_IO has no such step.");
        result.Warn(Has(UblkFeatures.PerIoDaemon) && Has(UblkFeatures.BatchIo), "PER_IO_DAEMON is dropped by the kernel: with BATCH_IO any thread may serve any tag.");
    }

    private bool Has(UblkFeatures any) => (Features & any) != 0;
}
