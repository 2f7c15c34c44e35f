using LibMultipath.Block;
using LibMultipath.Tests.Kit;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Runner;
using LibMultipath.Ublk.Tests.Control;
using LibMultipath.Ublk.Tests.Kit;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Tests.Devices;

/// <summary>The life of a device, by its commands.</summary>
public sealed class DeviceTests
{
    [UblkFact(Seconds = 120)]
    public void U07_every_combination_of_recovery_flags_without_a_server()
    {
        using UblkControl control = UblkControl.Open();
        UblkFeatures[] bits = [UblkFeatures.UserRecovery, UblkFeatures.UserRecoveryReissue, UblkFeatures.UserRecoveryFailIo, UblkFeatures.Quiesce];
        for (int combination = 0; combination < 1 << bits.Length; combination++)
        {
            UblkFeatures features = bits.Where((_, bit) => (combination & (1 << bit)) != 0).Aggregate(UblkFeatures.None, (all, bit) => all | bit);
            UblkDeviceOptions options = Small.Options(features);
            if ((features & ~control.Features) != 0)
            {
                continue;
            }

            if (!options.Validate().IsValid)
            {
                Assert.Throws<ArgumentException>(() => UblkDevice.Create(control, options));
                Assert.Throws<ArgumentException>(() => control.AddDevice(options));
                continue;
            }

            using UblkDevice device = UblkDevice.Create(control, options);
            bool recoverable = (features & UblkFeatures.UserRecovery) != 0;
            CommandTests.Fails(recoverable ? UblkErrorKind.NotFound : UblkErrorKind.NotSupported, () => UblkDevice.Recover(control, device.Id, Small.Moment));
            CommandTests.Fails(UblkErrorKind.Timeout, () => control.EndUserRecovery(device.Id, Small.Moment));
            CommandTests.Fails(UblkErrorKind.Timeout, () => device.Start(Small.Moment));
            device.Stop();
            Assert.Equal(UblkDeviceState.Dead, device.Refresh().State);
            device.Delete();
            Assert.DoesNotContain(device.Id, UblkControl.ListIds());
        }
    }

    [UblkFact]
    public void U33_what_undoes_an_addition_leaves_another_servers_device_of_that_number_alone()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options(UblkFeatures.None));
        UblkDevice.Undo(control, device.Info, null);
        Assert.Contains(device.Id, UblkControl.ListIds());

        device.Close();
        UblkDevice.Undo(control, device.Info with { QueueDepth = device.Info.QueueDepth + 1 }, null);
        Assert.Contains(device.Id, UblkControl.ListIds());

        UblkDevice.Undo(control, device.Info, null);
        Assert.DoesNotContain(device.Id, UblkControl.ListIds());
        UblkDevice.Undo(control, device.Info, null);
    }

    [UblkFact(Kernel = "7.2")]
    public void U08_a_disk_is_stopped_safely_only_when_nobody_has_it_open()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options(UblkFeatures.NoPartitionScan));
        CommandTests.Fails(UblkErrorKind.NotFound, () => device.TryStop());
        using UblkRunner runner = UblkRunner.Start(device, new MemoryTarget());
        Assert.Equal(UblkDeviceState.Live, device.Info.State);
        Assert.Equal(Environment.ProcessId, device.Info.ServerPid);
        Assert.NotEqual(0, device.Parameters.Devt!.DiskMajor);
        CommandTests.Fails(UblkErrorKind.Busy, () => device.Start());
        using (OpenDisk(device))
        {
            Assert.False(device.TryStop());
            Assert.Equal(UblkDeviceState.Live, device.Refresh().State);
        }

        Assert.True(device.TryStop());
        Assert.Equal(UblkDeviceState.Dead, device.Info.State);
        Assert.True(runner.Ended.Wait(Eventually.Limit));
        CommandTests.Fails(UblkErrorKind.NotFound, () => device.TryStop());
    }

    [UblkFact]
    public void U08_a_disk_is_stopped_whoever_has_it_open()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options());
        using UblkRunner runner = UblkRunner.Start(device, new MemoryTarget());
        using SafeFileHandle disk = OpenDisk(device);
        byte[] block = new byte[4096];
        Assert.Equal(4096, RandomAccess.Read(disk, block, 0));
        device.Stop();
        Assert.True(runner.Ended.Wait(Eventually.Limit));
        device.Stop();
        Assert.False(File.Exists(device.BlockPath));
    }

    [UblkFact]
    public void Parameters_are_fixed_once_the_disk_is_there()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options());
        Assert.Equal(Small.Options().Parameters, device.Parameters with { Devt = null });
        using UblkRunner runner = UblkRunner.Start(device, new MemoryTarget());
        CommandTests.Fails(UblkErrorKind.Busy, () => control.SetParameters(device.Id, Small.Options().Parameters));
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => control.SetParameters(device.Id, new UblkParameters()));
        Assert.Contains("MaxSectors is 2048", thrown.Message);
    }

    [UblkFact(Kernel = "7.2")]
    public void U21_the_size_of_a_live_disk_changes()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options(UblkFeatures.UpdateSize));
        CommandTests.Fails(UblkErrorKind.NotFound, () => device.Resize(Small.Sectors * 2));
        using UblkRunner runner = UblkRunner.Start(device, new MemoryTarget());
        foreach (long sectors in new[] { Small.Sectors * 2, Small.Sectors / 2, 0 })
        {
            device.Resize(sectors);
            Assert.Equal(sectors, device.Parameters.DevSectors);
            Assert.Equal(sectors, control.GetParameters(device.Id).DevSectors);
            Assert.Equal($"{sectors}", File.ReadAllText($"/sys/block/ublkb{device.Id}/size").Trim());
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => device.Resize(-1));
    }

    [UblkFact(Kernel = "7.2")]
    public void U22_a_quiesced_device_goes_from_one_server_to_the_next()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice first = UblkDevice.Create(control, Small.Options(UblkFeatures.UserRecovery | UblkFeatures.Quiesce));
        using var end = new DeletedInTheEnd(control, first.Id);
        CommandTests.Fails(UblkErrorKind.NotFound, () => first.Quiesce(Small.Moment));
        UblkRunner server = UblkRunner.Start(first, new MemoryTarget());
        first.Quiesce(TimeSpan.FromSeconds(10));
        Assert.True(server.Ended.Wait(Eventually.Limit));
        first.Dispose();
        using UblkDevice second = UblkDevice.Recover(control, first.Id);
        Assert.Equal(UblkDeviceState.Quiesced, second.Info.State);
        Assert.Equal(first.Parameters.DevSectors, second.Parameters.DevSectors);
        using UblkRunner next = UblkRunner.Start(second, new MemoryTarget());
        Assert.Equal(UblkDeviceState.Live, second.Info.State);
        using SafeFileHandle disk = OpenDisk(second);
        Assert.Equal(512, RandomAccess.Read(disk, new byte[512], 0));
        disk.Dispose();
        second.Stop();
        Assert.True(next.Ended.Wait(Eventually.Limit));
        second.Delete();
    }

    [UblkFact(Kernel = "7.2")]
    public void U22_a_server_that_had_every_tag_is_reached_by_quiescing_again()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options(UblkFeatures.UserRecovery | UblkFeatures.Quiesce | UblkFeatures.NoPartitionScan) with { QueueDepth = 1 });
        using var end = new DeletedInTheEnd(control, device.Id);
        var target = new MemoryTarget();
        using UblkRunner runner = UblkRunner.Start(device, target);
        target.Hold();
        using SafeFileHandle disk = OpenDisk(device);
        var reading = Task.Run(() => RandomAccess.Read(disk, new byte[512], 0));
        Eventually.True(() => target.Held == 1, "the read to be with the server");

        // The kernel finds no tag to take back, and does not say so.
        device.Quiesce(Small.Moment);
        target.Release();
        Assert.True(reading.Wait(Eventually.Limit));
        Assert.False(runner.Ended.IsCompleted);
        Eventually.True(
            () =>
            {
                device.Quiesce(Small.Moment);
                return runner.Ended.Wait(Small.Moment);
            },
            "the server to end");
        disk.Dispose();
        device.Delete();
    }

    [UblkFact]
    public void U33_an_id_has_one_device()
    {
        using UblkControl control = UblkControl.Open(), other = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options());
        UblkException thrown = CommandTests.Fails(UblkErrorKind.Busy, () => UblkDevice.Create(other, Small.Options() with { Id = device.Id }));
        Assert.Contains("the id is taken", thrown.Message);
        Assert.Equal(device.Info, device.Refresh());
    }

    [UblkFact]
    public void U33_a_device_has_one_server()
    {
        using UblkControl control = UblkControl.Open(), other = UblkControl.Open();
        using UblkDevice dead = UblkDevice.Create(control, Small.Options(UblkFeatures.UserRecovery));
        using var end = new DeletedInTheEnd(control, dead.Id);
        UblkRunner server = UblkRunner.Start(dead, new MemoryTarget());
        CommandTests.Fails(UblkErrorKind.Busy, () => UblkDevice.Recover(other, dead.Id, Small.Moment));
        server.Abandon();
        dead.Dispose();
        using UblkDevice winner = UblkDevice.Recover(control, dead.Id);
        UblkException thrown = CommandTests.Fails(UblkErrorKind.Busy, () => UblkDevice.Recover(other, dead.Id, Small.Moment));
        Assert.Equal(Errno.EBUSY, thrown.Errno);
        using (UblkRunner next = UblkRunner.Start(winner, new MemoryTarget()))
        {
            Assert.Equal(UblkDeviceState.Live, winner.Info.State);
            winner.Stop();
            Assert.True(next.Ended.Wait(Eventually.Limit));
        }

        winner.Delete();
    }

    [UblkFact]
    public void U34_the_device_of_another_server_cannot_be_started_nor_recovered()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options());
        using UblkRunner runner = UblkRunner.Start(device, new MemoryTarget());

        // As process 1 would, which has not opened the char device.
        int result = control.TryRun(new ControlCommand(UblkCommand.UBLK_U_CMD_START_DEV, device.Id, 1), [], null, default);
        Assert.Equal(-(int)Errno.EINVAL, result);
        Assert.Contains("not the one that opened", UblkErrors.Command(UblkCommand.UBLK_U_CMD_START_DEV, device.Id, Errno.EINVAL).Message);
        CommandTests.Fails(UblkErrorKind.NotSupported, () => UblkDevice.Recover(control, device.Id, Small.Moment));
        using UblkDevice attached = UblkDevice.Attach(control, device.Id);
        Assert.Equal(device.Info, attached.Info);
        Assert.Throws<InvalidOperationException>(() => attached.Start());
        attached.Stop();
        Assert.True(runner.Ended.Wait(Eventually.Limit));
    }

    [UblkFact]
    public void A_device_that_is_still_open_goes_when_it_is_closed()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options());
        UblkException thrown = CommandTests.Fails(UblkErrorKind.Timeout, () => control.DeleteDevice(device.Id, Small.Moment));
        Assert.Contains($"{device.Info.CharPath} is still open or mapped", thrown.Message);
        Assert.Equal(0, control.AbandonedCount);
        device.Char.Dispose();
        Eventually.True(() => !UblkControl.ListIds().Contains(device.Id), "the device to go");
        Eventually.True(() => control.TryGetDeviceInfo(device.Id, out _, null, default) < 0, "the id to be free");
        device.Delete();
        device.Delete();
    }

    [UblkFact(Seconds = 600)]
    public void Creating_and_disposing_leaves_nothing_behind()
    {
        using UblkControl control = UblkControl.Open();
        Leaks.None(Repeats.Times, () =>
        {
            using UblkDevice device = UblkDevice.Create(control, Small.Options());
            CommandTests.Fails(UblkErrorKind.Timeout, () => device.Start(TimeSpan.FromMilliseconds(10)));
            device.Dispose();
        });
    }

    [UblkFact(Seconds = 600)]
    public void Creating_in_no_time_leaves_a_device_or_nothing_behind()
    {
        using UblkControl control = UblkControl.Open();
        int created = 0, step = 0;
        Leaks.None(Repeats.Times, () =>
        {
            try
            {
                using UblkDevice device = UblkDevice.Create(control, Small.Options(), TimeSpan.FromMilliseconds(step++ % 40 * 5));
                created++;
            }
            catch (UblkException exception)
            {
                Assert.Equal(UblkErrorKind.Timeout, exception.Kind);
            }
        });
        Assert.InRange(created, 0, step);
    }

    [UblkFact(Seconds = 120)]
    public void A_stop_that_cannot_be_cancelled_is_left_alone_and_given_back_in_the_end()
    {
        using UblkControl control = UblkControl.Open();
        UblkDeviceOptions options = Small.Options();
        using UblkDevice device = UblkDevice.Create(control, options);
        var target = new MemoryTarget();
        using UblkRunner runner = UblkRunner.Start(device, target);
        using SafeFileHandle disk = OpenDisk(device);
        target.Hold();
        var reading = Task.Run(() => RandomAccess.Read(disk, new byte[4096], 1 << 20));
        Eventually.True(() => target.Held > 0, "the read to be with the server");
        UblkException thrown = CommandTests.Fails(UblkErrorKind.Timeout, () => device.Stop(Small.Moment));
        Assert.Contains("does not let it be cancelled", thrown.Message);
        Assert.Equal(1, control.AbandonedCount);
        Assert.Equal(device.Id, control.GetDeviceInfo(device.Id).Id);
        target.Release();
        Assert.True(((IAsyncResult)reading).AsyncWaitHandle.WaitOne(Eventually.Limit));
        Assert.True(runner.Ended.Wait(Eventually.Limit));
        Eventually.True(() => control.GetDeviceInfo(device.Id).Id == device.Id && control.AbandonedCount == 0, "the command to be given back");
    }

    private static SafeFileHandle OpenDisk(UblkDevice device) =>
        File.OpenHandle(device.BlockPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
}
