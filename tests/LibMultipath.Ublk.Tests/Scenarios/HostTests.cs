using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Tests.Kit;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Host;
using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Runner;
using LibMultipath.Ublk.Tests.Control;
using LibMultipath.Ublk.Tests.Kit;
using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>A head disk as a block device: what it refuses, what it takes over, and how it is left.</summary>
public sealed class HostTests
{
    private const int Number = 43;
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(20);

    [UblkFact]
    public void A_path_that_cannot_move_registered_buffers_is_refused_by_a_disk_without_a_copy()
    {
        (MpathHead head, MpathDisk disk) = TestPath.Head(new TestPath("fit", QueueFeatures.RegisteredBuffers));
        using (head)
        using (disk)
        {
            using UblkHost host = UblkHost.Start(disk, new UblkHostOptions { Mode = UblkDataMode.AutoZeroCopy, NoPartitionScan = true });
            ArgumentException refused = Assert.Throws<ArgumentException>(() => TestPath.Add(head, new TestPath("unfit"), 1));
            Assert.Contains("unfit lacks RegisteredBuffers", refused.Message);
            Assert.Contains("unfit has WriteCache", Assert.Throws<ArgumentException>(
                () => TestPath.Add(head, new TestPath("unfit", QueueFeatures.RegisteredBuffers | QueueFeatures.WriteCache), 1)).Message);
            Assert.Contains("unfit needs data aligned to 4096 bytes", Assert.Throws<ArgumentException>(
                () => TestPath.Add(head, new TestPath("unfit", QueueFeatures.RegisteredBuffers, dmaAlignment: 4095), 1)).Message);
            Shell.Run($"dd if={host.BlockPath} of=/dev/null bs=4k count=16 iflag=direct");
            TestPath.Add(head, new TestPath("another", QueueFeatures.RegisteredBuffers), 1);
            Shell.Run($"dd if={host.BlockPath} of=/dev/null bs=4k count=16 iflag=direct");
            Assert.True(host.Stop(s_long));
            TestPath.Add(head, new TestPath("unfit"), 2);
        }
    }

    [UblkFact]
    public void U33_A_device_that_another_server_is_about_to_start_is_left_alone()
    {
        using UblkControl control = UblkControl.Open();
        using UblkDevice other = UblkDevice.Create(control, Small.Options() with { Id = Number });
        (MpathHead head, MpathDisk disk) = TestPath.Head(new TestPath("path"));
        using (head)
        using (disk)
        {
            UblkException busy = CommandTests.Fails(UblkErrorKind.Busy, () => UblkHost.Start(disk, Options(TimeSpan.FromSeconds(1))));
            Assert.Contains("another server has /dev/ublkc43 open", busy.Message);
            using (UblkRunner runner = UblkRunner.Start(other, new MemoryTarget()))
            {
                Assert.True(runner.Stop(s_long));
            }

            // What a server left behind is nobody's.
            other.Close();
            using UblkHost host = UblkHost.Start(disk, Options(s_long));
            Assert.Equal(Number, host.DeviceId);
            Assert.Equal(TestPath.Sectors, control.GetParameters(Number).DevSectors);
            Assert.True(host.Stop(s_long));
        }
    }

    [UblkFact(Kernel = "7.2")]
    public void A_device_is_left_to_the_next_server_when_its_requests_have_ended()
    {
        using var held = new HeldWrite(Number);

        Task<bool> left = Task.Run(() => held.Host.Leave(s_long));

        // With this kind of recovery a write that was given up would fail.
        Assert.False(left.Wait(TimeSpan.FromSeconds(2)));
        held.Path.LetGo();
        Assert.True(left.Wait(Eventually.Limit) && left.Result);
        Assert.True(held.Succeeds());
        Eventually.True(() => held.Control.GetDeviceInfo(Number).State == UblkDeviceState.Quiesced, "the device to wait for a server");

        UblkException refused = Assert.Throws<UblkException>(() => UblkHost.Start(held.Disk, Options(s_long) with { ReadOnly = true }));
        Assert.Contains("it can be written to, and", refused.Message);

        using UblkHost next = UblkHost.Start(held.Disk, Options(s_long));
        Shell.Run($"dd if={next.BlockPath} of=/dev/null bs=4k count=16 iflag=direct");
        Assert.True(next.Stop(s_long));
    }

    [UblkFact(Kernel = "7.2")]
    public void A_device_whose_requests_do_not_end_is_left_all_the_same_and_says_so()
    {
        using var held = new HeldWrite(Number);
        Assert.False(held.Host.Leave(TimeSpan.FromSeconds(1)));
        Assert.False(held.Succeeds());
        held.Path.LetGo();
    }

    [UblkFact(Kernel = "7.2")]
    public void A_deletion_that_is_given_up_lets_go_of_the_device()
    {
        using var held = new HeldWrite(Number);
        held.Path.LetGo();
        Assert.True(held.Succeeds());
        Assert.True(held.Host.Leave(s_long));
        UblkDeviceInfo info = held.Control.GetDeviceInfo(Number);

        Task<(int Code, string Output)> read = Task.Run(() => Shell.Try($"dd if={info.BlockPath} of=/dev/null bs=4k count=1 iflag=direct"));
        Assert.False(read.Wait(TimeSpan.FromSeconds(2)));
        using var given = new CancellationTokenSource();
        given.Cancel();

        Assert.Throws<OperationCanceledException>(() => UblkDevice.TryDeleteUnopened(held.Control, info, new Deadline(s_long), given.Token));

        Assert.False(read.IsCompleted);
        Assert.True(UblkDevice.TryDeleteUnopened(held.Control, info, new Deadline(s_long), default));
        Assert.True(read.Wait(Eventually.Limit));
        Assert.NotEqual(0, read.Result.Code);
    }

    [Fact]
    public void What_a_device_that_was_taken_over_is_and_should_be_otherwise_is_said_with_both()
    {
        var options = new UblkHostOptions { Mode = UblkDataMode.UserCopy, Recovery = UblkRecovery.Queue, Queues = 2 };
        UblkFeatures features = UblkRecovery.Reissue.ToFeatures() | UblkFeatures.BatchIo;
        var info = new UblkDeviceInfo(Number, 1, options.QueueDepth, UblkDeviceState.Quiesced, 4096, -1, features, 0, 0, 0);
        Assert.Equal(
            [
                "It goes on as it was made, with data mode Copy and not UserCopy.",
                "It goes on as it was made, with recovery Reissue and not Queue.",
                "It goes on as it was made, with batches True and not False.",
                "It goes on as it was made, with queues 1 and not 2.",
            ],
            DeviceTakeOver.Differences(info, options));
    }

    [Fact]
    public void Several_threads_for_a_queue_of_batches_are_refused_before_anything_is_made()
    {
        (MpathHead head, MpathDisk disk) = TestPath.Head(new TestPath("path"));
        using (head)
        using (disk)
        {
            ArgumentException refused = Assert.Throws<ArgumentException>(
                () => UblkHost.Start(disk, new UblkHostOptions { Batch = true, Runner = new UblkRunnerOptions { Threads = 2 } }));
            Assert.Contains("with BatchIo a queue has one thread", refused.Message);
            Assert.Equal(0, disk.OpenCount);
        }
    }

    private static UblkHostOptions Options(TimeSpan timeout) =>
        new() { Id = Number, NoPartitionScan = true, Runner = new UblkRunnerOptions { Timeout = timeout } };
}
