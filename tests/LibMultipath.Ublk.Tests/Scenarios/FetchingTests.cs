using LibMultipath.Tests.Kit;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Runner;
using LibMultipath.Ublk.Tests.Control;
using LibMultipath.Ublk.Tests.Kit;
using LibMultipath.Ublk.Tests.Scenarios.Kit;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>A server that is killed after it has fetched some of its tags, at every such point.</summary>
public sealed class FetchingTests
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(20);
    private static readonly UblkFeatures[] s_modes = [UblkFeatures.None, UblkFeatures.BatchIo];

    // A server that is killed is killed at every point, so that so many times are that many killings.
    private static int Times => (Repeats.Times + HalfServer.Points - 1) / HalfServer.Points;

    [UblkFact(Seconds = 600, Kernel = "7.2")]
    public void U05_Devices_whose_server_is_killed_while_it_fetches_can_be_deleted_and_leave_nothing_behind()
    {
        using UblkControl control = UblkControl.Open();
        int round = 0;
        Leaks.None(Times, () => KillAtFirstStart(control, s_modes[round++ % s_modes.Length]), warmUps: 1);
    }

    [UblkFact(Seconds = 600, Kernel = "7.2")]
    public void U05_Devices_whose_server_is_killed_while_it_recovers_them_are_recovered_by_the_next_and_leave_nothing_behind()
    {
        using UblkControl control = UblkControl.Open();
        int round = 0;
        Leaks.None(Times, () => KillInRecovery(control, s_modes[round++ % s_modes.Length]), warmUps: 1);
    }

    private static void KillAtFirstStart(UblkControl control, UblkFeatures mode)
    {
        using HalfServer server = HalfServer.StartNew(mode);
        using var end = new DeletedInTheEnd(control, server.Ids);
        Assert.Equal(HalfServer.Points, server.Ids.Count);
        Assert.All(server.Ids, id => SaysThatItIsNotStarted(control, id));
        server.Kill();
        Assert.All(server.Ids, id =>
        {
            SaysThatItIsNotStarted(control, id);
            control.StopDevice(id);
            control.DeleteDevice(id);
            CommandTests.Fails(UblkErrorKind.NotFound, () => control.GetDeviceInfo(id));
        });

        // One of the ids serves again.
        using UblkDevice device = UblkDevice.Create(control, HalfServer.Options(mode) with { Id = server.Ids[^1] });
        using UblkRunner runner = UblkRunner.Start(device, new MemoryTarget());
        Assert.True(Read(device.Id).Wait(Eventually.Limit));
        Assert.True(runner.Stop(Eventually.Limit));
        device.Delete();
    }

    private static void KillInRecovery(UblkControl control, UblkFeatures mode)
    {
        int[] ids = [.. Enumerable.Range(0, HalfServer.Points).Select(_ => StartAndCrash(control, mode))];
        using var end = new DeletedInTheEnd(control, ids);
        Task[] reads = [.. ids.Select(Read)];
        using HalfServer server = HalfServer.StartRecovery(ids);
        Assert.All(ids, id => SaysThatItIsBeingRecovered(control, id));
        server.Kill();
        Assert.All(ids, id => Assert.Equal(UblkDeviceState.Quiesced, control.GetDeviceInfo(id).State));
        Assert.DoesNotContain(reads, read => read.IsCompleted);
        foreach ((int id, Task read) in ids.Zip(reads))
        {
            using UblkDevice device = UblkDevice.Recover(control, id);
            using UblkRunner runner = UblkRunner.Start(device, new MemoryTarget(), new UblkRunnerOptions { Threads = 1 });
            Assert.True(read.Wait(Eventually.Limit));
            Assert.True(runner.Stop(Eventually.Limit));
            device.Delete();
        }
    }

    // The server goes, and the disk stays.
    private static int StartAndCrash(UblkControl control, UblkFeatures mode)
    {
        using UblkDevice device = UblkDevice.Create(control, HalfServer.Options(mode | UblkFeatures.UserRecovery | UblkFeatures.NoPartitionScan));
        using UblkRunner runner = UblkRunner.Start(device, new MemoryTarget(), new UblkRunnerOptions { Threads = 1 });
        runner.Abandon();
        Eventually.True(() => control.GetDeviceInfo(device.Id).State == UblkDeviceState.Quiesced, "the server to be gone");
        return device.Id;
    }

    private static void SaysThatItIsNotStarted(UblkControl control, int id)
    {
        Assert.Equal(UblkDeviceState.Dead, control.GetDeviceInfo(id).State);
        Assert.Equal(Small.Sectors, control.GetParameters(id).DevSectors);
        Assert.False(File.Exists(DiskOf(id)));
        UblkException thrown = CommandTests.Fails(UblkErrorKind.Timeout, () => control.StartDevice(id, s_moment));
        Assert.Contains("every tag of every queue has to be fetched first", thrown.Message, StringComparison.Ordinal);
        CommandTests.Fails(UblkErrorKind.NotFound, () => control.TryStopDevice(id));
        CommandTests.Fails(UblkErrorKind.NotSupported, () => control.StartUserRecovery(id));
    }

    private static void SaysThatItIsBeingRecovered(UblkControl control, int id)
    {
        Assert.Equal(UblkDeviceState.Quiesced, control.GetDeviceInfo(id).State);
        UblkException thrown = CommandTests.Fails(UblkErrorKind.Busy, () => control.StartUserRecovery(id));
        Assert.Contains("a server has it", thrown.Message, StringComparison.Ordinal);
        thrown = CommandTests.Fails(UblkErrorKind.Timeout, () => control.EndUserRecovery(id, s_moment));
        Assert.Contains("every tag of every queue has to be fetched first", thrown.Message, StringComparison.Ordinal);
        Assert.False(control.TryStopDevice(id));
    }

    // Has the disk open when it returns.
    private static Task Read(int id)
    {
        SafeFileHandle disk = File.OpenHandle(DiskOf(id), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return Task.Factory.StartNew(
            () =>
            {
                using (disk)
                {
                    Assert.Equal(4096, RandomAccess.Read(disk, new byte[4096], 0));
                }
            },
            TaskCreationOptions.LongRunning);
    }

    private static string DiskOf(int id) => $"/dev/ublkb{id}";
}
