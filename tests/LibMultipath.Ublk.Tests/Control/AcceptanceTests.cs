using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Tests.Kit;
using LibMultipath.Ublk.Tests.Parameters;

namespace LibMultipath.Ublk.Tests.Control;

/// <summary>What we accept the kernel accepts, and what we refuse it refuses. The rules are those of Linux 7.2: older kernels take more, and ignore it.</summary>
public sealed class AcceptanceTests
{
    [UblkFact(Kernel = "7.2", Seconds = 600)]
    public void U09_the_kernel_takes_the_parameters_that_we_take_and_no_others()
    {
        using UblkControl control = UblkControl.Open();
        int accepted = 0, refused = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            UblkDeviceOptions options = new RandomParameters(seed).Options();
            if (UblkParameters.FromAbi(options.Parameters.ToAbi()) != options.Parameters)
            {
                continue; // The kernel has no way to say it.
            }

            if (options.Parameters.Zoned is not null)
            {
                // The driver looks no further than at the zones, and meets the rest when the device is started.
                options = options with { Parameters = options.Parameters with { DmaAlignment = null, Segment = null, Integrity = null } };
            }

            var ours = new UblkValidation();
            options.Parameters.Check(ours, options.Features, options.MaxIoBytes, Environment.SystemPageSize);
            bool expected = ours.Errors.Count == ours.LateErrors;
            int result = SetOnNewDevice(control, options);
            Assert.True(expected == (result == 0), $"seed {seed}: {(Errno)(-result)}, ours: {string.Join(' ', ours.Errors)} {options}");
            _ = expected ? accepted++ : refused++;
        }

        Assert.True(accepted > 50 && refused > 50, $"{accepted} accepted, {refused} refused");
    }

    [UblkFact(Kernel = "7.2", Seconds = 600)]
    public void U09_the_kernel_takes_the_features_that_we_take_and_no_others()
    {
        using UblkControl control = UblkControl.Open();
        UblkFeatures[] bits =
        [
            UblkFeatures.UserRecovery, UblkFeatures.UserRecoveryReissue, UblkFeatures.UserRecoveryFailIo, UblkFeatures.Quiesce,
            UblkFeatures.UserCopy, UblkFeatures.ZeroCopy, UblkFeatures.AutoBufferRegistration, UblkFeatures.Zoned,
            UblkFeatures.Integrity, UblkFeatures.GetData, UblkFeatures.BatchIo, UblkFeatures.PerIoDaemon,
        ];
        var random = new Random(9);
        int accepted = 0, refused = 0;
        for (int round = 0; round < 200; round++)
        {
            UblkFeatures features = bits.Where(_ => random.Next(4) == 0).Aggregate(UblkFeatures.None, (all, bit) => all | bit);
            UblkDeviceOptions options = Small.Options(features);

            // Of the parameters, only those that the features ask for.
            options = options with { Parameters = WithZones(options.Parameters, features) };
            UblkValidation validation = options.Validate();
            Errno errno = Errno.None;
            try
            {
                UblkDeviceInfo info = control.AddUnchecked(options);
                control.DeleteDevice(info.Id);
                Assert.Equal(UblkFeatures.None, features & ~info.Features & ~options.Droppable);
            }
            catch (UblkException exception)
            {
                errno = exception.Errno;
            }

            Assert.True(validation.IsValid == (errno == Errno.None), $"{features.ToText()}: {errno}, ours: {string.Join(' ', validation.Errors)}");
            _ = validation.IsValid ? accepted++ : refused++;
        }

        Assert.True(accepted > 30 && refused > 30, $"{accepted} accepted, {refused} refused");
    }

    [UblkFact(Kernel = "7.2", Seconds = 120)]
    public void U09_what_the_kernel_would_drop_we_warn_of()
    {
        using UblkControl control = UblkControl.Open();
        foreach (UblkFeatures features in new[]
        {
            UblkFeatures.GetData | UblkFeatures.UserCopy,
            UblkFeatures.GetData | UblkFeatures.ZeroCopy,
            UblkFeatures.GetData | UblkFeatures.AutoBufferRegistration,
            UblkFeatures.GetData | UblkFeatures.BatchIo,
            UblkFeatures.PerIoDaemon | UblkFeatures.BatchIo,
        })
        {
            using UblkDevice device = UblkDevice.Create(control, Small.Options(features));
            UblkFeatures dropped = features & ~device.Info.Features;
            Assert.NotEqual(UblkFeatures.None, dropped);
            Assert.Contains(device.Warnings, warning => warning.StartsWith($"{dropped.ToText()} is dropped", StringComparison.Ordinal));
        }
    }

    [UblkFact(Kernel = "6.12")]
    public void A_kernel_that_lacks_a_feature_is_told_before_anything_is_created()
    {
        using UblkControl control = UblkControl.Open();
        IReadOnlyList<int> before = UblkControl.ListIds();
        UblkException thrown = CommandTests.Fails(UblkErrorKind.NotSupported, () => UblkDevice.Create(control, Small.Options(UblkFeatures.BatchIo | UblkFeatures.UserCopy)));
        Assert.Contains("does not have BATCH_IO (", thrown.Message);
        Assert.Equal(before, UblkControl.ListIds());
    }

    [UblkFact(Kernel = "6.12")]
    public void A_kernel_that_lacks_a_kind_of_parameters_is_told_and_the_device_is_gone()
    {
        using UblkControl control = UblkControl.Open();
        IReadOnlyList<int> before = UblkControl.ListIds();
        UblkDeviceOptions options = Small.Options();
        options = options with { Parameters = options.Parameters with { Segment = new UblkSegment() } };
        UblkException thrown = CommandTests.Fails(UblkErrorKind.NotSupported, () => UblkDevice.Create(control, options));
        Assert.Contains("does not have the parameters of SEGMENT", thrown.Message);
        Assert.Equal(before, UblkControl.ListIds());
    }

    private static int SetOnNewDevice(UblkControl control, UblkDeviceOptions options)
    {
        UblkDeviceInfo info = control.AddUnchecked(options);
        ublk_params sent = options.Parameters.ToAbi();
        var command = new ControlCommand(UblkCommand.UBLK_U_CMD_SET_PARAMS, info.Id);
        int result = control.TryRun(command, MemoryMarshal.AsBytes(new Span<ublk_params>(ref sent)), null, default);
        control.DeleteDevice(info.Id);
        return result;
    }

    private static UblkParameters WithZones(UblkParameters parameters, UblkFeatures features) =>
        (features & UblkFeatures.Zoned) == 0 ? parameters : parameters with { ChunkSectors = 8192, Zoned = new UblkZoned { MaxAppendSectors = 128 } };
}
