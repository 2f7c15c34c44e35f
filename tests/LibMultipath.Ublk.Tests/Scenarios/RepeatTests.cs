using LibMultipath.Tests.Kit;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Runner;
using LibMultipath.Ublk.Tests.Control;
using LibMultipath.Ublk.Tests.Kit;
using LibMultipath.Ublk.Tests.Scenarios.Kit;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>What goes wrong goes wrong often, and leaves no descriptor, no mapping and no device behind.</summary>
public sealed class RepeatTests
{
    private static readonly UblkFeatures[] s_modes = [UblkFeatures.NoPartitionScan, UblkFeatures.NoPartitionScan | UblkFeatures.UserCopy, UblkFeatures.NoPartitionScan | UblkFeatures.BatchIo];

    [UblkFact(Seconds = 600, Kernel = "7.2")]
    public void U06_Devices_that_are_deleted_under_io_leave_nothing_behind() => Repeat(() => new MemoryTarget(), (control, device, runner, target) =>
    {
        var memory = (MemoryTarget)target;
        memory.Hold();
        Task<int> read = Read(device);
        Eventually.True(() => memory.Held > 0, "a request to be with the target");
        Task deletion = Task.Factory.StartNew(() => control.DeleteDevice(device.Id), TaskCreationOptions.LongRunning);
        memory.Release();
        Eventually.True(() => read.IsCompleted, "the client to go on");
        Assert.True(runner.Ended.Wait(Eventually.Limit));
        runner.Dispose();
        device.Close();
        Assert.True(deletion.Wait(Eventually.Limit));
    });

    [UblkFact(Seconds = 600, Kernel = "7.2")]
    public void U28_Handlers_that_throw_leave_nothing_behind() => Repeat(() => new ThrowingTarget(), (_, device, runner, _) =>
    {
        Assert.Equal(-1, Read(device).Result);
        Assert.False(runner.Ended.IsCompleted);
        Assert.True(runner.Stop(Eventually.Limit));
    });

    [UblkFact(Seconds = 900, Kernel = "7.2")]
    public void U29_Handlers_that_never_complete_and_are_stopped_leave_nothing_behind() => Repeat(() => new SilentTarget(), (_, device, runner, target) =>
    {
        Task<int> read = Read(device);
        Eventually.True(() => ((SilentTarget)target).Requests > 0, "a request to be with the target");
        Assert.False(runner.Stop(TimeSpan.FromMilliseconds(50)));
        Assert.InRange(read.Result, -1, 0);
    });

    [UblkFact(Seconds = 600, Kernel = "7.2")]
    public void U33_Commands_to_the_device_of_another_server_leave_nothing_behind()
    {
        using var server = SampleProcess.Start("ublk-null", "--size", "8");
        int id = int.Parse(server.Line().Split(' ')[0]["/dev/ublkb".Length..]);
        using UblkControl control = UblkControl.Open();
        Leaks.None(Repeats.Times, () =>
        {
            Assert.Equal(UblkDeviceState.Live, control.GetDeviceInfo(id).State);
            using UblkDevice attached = UblkDevice.Attach(control, id);
            Assert.Throws<InvalidOperationException>(() => attached.Start());
            CommandTests.Fails(UblkErrorKind.Busy, () => UblkDevice.Create(control, Small.Options() with { Id = id }));
            CommandTests.Fails(UblkErrorKind.NotSupported, () => UblkDevice.Recover(control, id));
            CommandTests.Fails(UblkErrorKind.Other, () => control.StartDevice(id));
            CommandTests.Fails(UblkErrorKind.Busy, () => control.SetParameters(id, new UblkParameters { DevSectors = Small.Sectors }));
            CommandTests.Fails(UblkErrorKind.NotSupported, () => control.QuiesceDevice(id, Small.Moment));
        });
        Assert.Equal(0, Shell.Try($"dd if=/dev/ublkb{id} of=/dev/null bs=4k count=4 iflag=direct").Code);
        server.Interrupt();
        Assert.Equal((0, ""), server.End());
    }

    private static void Repeat(Func<UblkTarget> make, Action<UblkControl, UblkDevice, UblkRunner, UblkTarget> goWrong)
    {
        using UblkControl control = UblkControl.Open();
        int round = 0;
        Leaks.None(Repeats.Times, () =>
        {
            UblkTarget target = make();
            using UblkDevice device = UblkDevice.Create(control, Small.Options(s_modes[round++ % s_modes.Length]));
            using UblkRunner runner = UblkRunner.Start(device, target);
            goWrong(control, device, runner, target);
            device.Delete();
        });
    }

    // A client: how many bytes it got, or -1 for an error; none at the end of a disk that has gone.
    private static Task<int> Read(UblkDevice device) => Task.Factory.StartNew(
        () =>
        {
            using SafeFileHandle disk = File.OpenHandle(device.BlockPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            try
            {
                return RandomAccess.Read(disk, new byte[4096], 0);
            }
            catch (IOException)
            {
                return -1;
            }
        },
        TaskCreationOptions.LongRunning);

    private sealed class ThrowingTarget : UblkTarget
    {
        protected internal override void Handle(UblkRequest request) => throw new InvalidOperationException("on purpose");
    }
}
