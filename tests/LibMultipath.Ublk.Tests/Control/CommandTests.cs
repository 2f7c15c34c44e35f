using LibMultipath.Block;
using LibMultipath.Tests.Kit;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Tests.Kit;

namespace LibMultipath.Ublk.Tests.Control;

/// <summary>The commands to devices that nobody serves, to missing ones and to those of others.</summary>
public sealed class CommandTests
{
    private const int Missing = 77_777;

    [Fact]
    public void A_machine_without_the_driver_is_told_what_to_load()
    {
        UblkException thrown = Assert.Throws<UblkException>(() => UblkControl.Open("/dev/no-such-control"));
        Assert.Equal((UblkErrorKind.NotSupported, Errno.ENOENT), (thrown.Kind, thrown.Errno));
        Assert.Contains("modprobe ublk_drv", thrown.Message);
        Assert.Contains("CONFIG_BLK_DEV_UBLK", thrown.Remedy);
    }

    [Fact]
    public void Only_the_nodes_of_devices_are_listed()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("ublk-list-");
        foreach (string name in new[] { "ublkc10", "ublkc2", "ublkc", "ublkcx", "ublkb3", "ublk-control" })
        {
            File.WriteAllText(Path.Combine(folder.FullName, name), "");
        }

        Assert.Equal([2, 10], UblkControl.ListIds(folder.FullName));
        folder.Delete(recursive: true);
    }

    [UblkFact(Kernel = "7.2")]
    public void U10_the_kernel_has_every_feature_that_we_know_and_none_besides()
    {
        using UblkControl control = UblkControl.Open();
        Assert.False(control.FeaturesAreInferred);
        Assert.Equal(UblkFeatureNames.Known.ToText(), control.Features.ToText());
    }

    [UblkFact(Kernel = "6.12")]
    public void U10_an_older_kernel_has_fewer_features()
    {
        using UblkControl control = UblkControl.Open();
        Assert.Equal(UblkFeatures.None, control.Features & (UblkFeatures.BatchIo | UblkFeatures.SafeStop | UblkFeatures.SharedMemoryZeroCopy));
        Assert.Equal(UblkFeatures.UserRecovery | UblkFeatures.UserCopy, control.Features & (UblkFeatures.UserRecovery | UblkFeatures.UserCopy));
    }

    [UblkFact]
    public void A_device_is_found_by_its_id_and_in_the_list()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options() with { ServerData = 42 });
        UblkDeviceInfo info = control.GetDeviceInfo(device.Id);
        Assert.Equal(device.Info, info);
        Assert.Equal((1, 8, UblkDeviceState.Dead, 65536, -1, 42UL), (info.Queues, info.QueueDepth, info.State, info.MaxIoBytes, info.ServerPid, info.ServerData));
        Assert.Contains(device.Id, UblkControl.ListIds());
        Assert.Contains(info, control.ListDevices());
    }

    [UblkFact]
    public void Every_processor_belongs_to_one_queue()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options() with { Queues = 4096 });
        Assert.Contains(device.Warnings, warning => warning.Contains($"{device.Info.Queues} of 4096 queues", StringComparison.Ordinal));
        int[] processors = [.. Enumerable.Range(0, device.Info.Queues).SelectMany(queue => control.GetQueueAffinity(device.Id, queue)).Order()];
        Assert.Equal(processors.Distinct(), processors);
        Assert.True(processors.Length >= Environment.ProcessorCount);
        Fails(UblkErrorKind.NotFound, () => control.GetQueueAffinity(device.Id, device.Info.Queues));
    }

    [UblkFact]
    public void U34_a_missing_device_is_told_by_every_command()
    {
        using UblkControl control = UblkControl.Open();
        foreach ((uint command, Action<int> run) in Commands(control))
        {
            UblkException thrown = Fails(UblkErrorKind.NotFound, () => run(Missing));
            Assert.StartsWith($"{UblkCommand.Name(command)}", thrown.Message, StringComparison.Ordinal);
            Assert.Contains($"ublk device {Missing}: there is no such device", thrown.Message);
            Assert.Equal(Errno.ENODEV, thrown.Errno);
            Fails(UblkErrorKind.NotFound, () => run(-1));
            Fails(UblkErrorKind.NotFound, () => run(int.MaxValue));
        }
    }

    [UblkFact(Seconds = 600)]
    public void U34_commands_to_missing_devices_leave_nothing_behind()
    {
        using UblkControl control = UblkControl.Open();
        (uint, Action<int> Run)[] commands = [.. Commands(control)];
        Leaks.None(Repeats.Times, () =>
        {
            foreach ((_, Action<int> run) in commands)
            {
                Fails(UblkErrorKind.NotFound, () => run(Missing));
            }
        });
    }

    [UblkFact]
    public void U34_a_device_without_a_server_cannot_be_started_and_the_command_ends_in_time()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options());
        UblkException thrown = Fails(UblkErrorKind.Timeout, () => device.Start(Small.Moment));
        Assert.Contains("every tag of every queue", thrown.Message);
        Assert.Equal(0, control.AbandonedCount);
        Assert.Equal(UblkDeviceState.Dead, device.Refresh().State);
    }

    [UblkFact]
    public void A_command_can_be_cancelled_from_another_thread()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options());
        using var cancellation = new CancellationTokenSource();
        var start = Task.Run(() => device.Start(TimeSpan.FromMinutes(5), cancellation.Token));
        Eventually.True(() => start.Status == TaskStatus.Running, "the command to run");
        cancellation.CancelAfter(Small.Moment);
        Assert.True(((IAsyncResult)start).AsyncWaitHandle.WaitOne(Eventually.Limit));
        Assert.True(start.IsFaulted && start.Exception.InnerException is OperationCanceledException, $"{start.Status} {start.Exception}");
        Assert.Equal(0, control.AbandonedCount);
        Assert.ThrowsAny<OperationCanceledException>(() => control.GetDeviceInfo(device.Id, cancellation: cancellation.Token));
    }

    [UblkFact(Kernel = "7.2")]
    public void Memory_is_registered_and_let_go()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice device = UblkDevice.Create(control, Small.Options(UblkFeatures.SharedMemoryZeroCopy));
        using var memory = IoUring.MappedMemory.Anonymous(65536);
        nint address = memory.DangerousGetHandle();
        int buffer = control.RegisterBuffer(device.Id, address, 65536);
        Fails(UblkErrorKind.Busy, () => control.RegisterBuffer(device.Id, address, 4096));
        Fails(UblkErrorKind.Other, () => control.RegisterBuffer(device.Id, address + 1, 4096));
        control.UnregisterBuffer(device.Id, buffer);
        Fails(UblkErrorKind.NotFound, () => control.UnregisterBuffer(device.Id, buffer));
        control.UnregisterBuffer(device.Id, control.RegisterBuffer(device.Id, address, 65536, readOnly: true));
        using UblkDevice without = UblkDevice.Create(control, Small.Options());
        Fails(UblkErrorKind.NotSupported, () => control.RegisterBuffer(without.Id, address, 65536));
    }

    internal static UblkException Fails(UblkErrorKind kind, Action action)
    {
        UblkException thrown = Assert.Throws<UblkException>(action);
        Assert.True(kind == thrown.Kind, $"{kind} expected: {thrown.Kind} {thrown.Message}");
        return thrown;
    }

    private static IEnumerable<(uint Command, Action<int> Run)> Commands(UblkControl control)
    {
        yield return (UblkCommand.UBLK_U_CMD_GET_DEV_INFO2, id => control.GetDeviceInfo(id));
        yield return (UblkCommand.UBLK_U_CMD_GET_DEV_INFO2, id => control.SetParameters(id, Small.Options().Parameters));
        yield return (UblkCommand.UBLK_U_CMD_GET_PARAMS, id => control.GetParameters(id));
        yield return (UblkCommand.UBLK_U_CMD_GET_QUEUE_AFFINITY, id => control.GetQueueAffinity(id, 0));
        yield return (UblkCommand.UBLK_U_CMD_START_DEV, id => control.StartDevice(id));
        yield return (UblkCommand.UBLK_U_CMD_STOP_DEV, id => control.StopDevice(id));
        yield return (UblkCommand.UBLK_U_CMD_DEL_DEV, id => control.DeleteDevice(id));
        yield return (UblkCommand.UBLK_U_CMD_DEL_DEV_ASYNC, id => control.BeginDeleteDevice(id));
        yield return (UblkCommand.UBLK_U_CMD_START_USER_RECOVERY, id => control.StartUserRecovery(id));
        yield return (UblkCommand.UBLK_U_CMD_END_USER_RECOVERY, id => control.EndUserRecovery(id));
        if ((control.Features & UblkFeatures.SafeStop) != 0)
        {
            yield return (UblkCommand.UBLK_U_CMD_TRY_STOP_DEV, id => control.TryStopDevice(id));
        }

        if ((control.Features & UblkFeatures.UpdateSize) != 0)
        {
            yield return (UblkCommand.UBLK_U_CMD_UPDATE_SIZE, id => control.UpdateSize(id, 8));
        }

        yield return (UblkCommand.UBLK_U_CMD_QUIESCE_DEV, id => control.QuiesceDevice(id, TimeSpan.FromSeconds(1)));
        yield return (UblkCommand.UBLK_U_CMD_REG_BUF, id => control.RegisterBuffer(id, 0, 4096));
        yield return (UblkCommand.UBLK_U_CMD_UNREG_BUF, id => control.UnregisterBuffer(id, 0));
    }
}
