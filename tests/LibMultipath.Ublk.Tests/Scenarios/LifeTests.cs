using System.Diagnostics;
using System.Globalization;
using LibMultipath.Block;
using LibMultipath.Tests.Kit;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Runner;
using LibMultipath.Ublk.Tests.Scenarios.Kit;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>What happens to a device that lives: sizes, handlers that fail or never answer, stops of all kinds.</summary>
public sealed class LifeTests
{
    [UblkFact]
    public void U08_A_device_that_is_open_is_not_stopped_by_a_safe_stop_and_is_by_a_stop()
    {
        using UblkRig rig = UblkRig.Start(UblkFeatures.SafeStop, megabytes: 8);
        using (File.OpenHandle(rig.Disk))
        {
            Assert.False(rig.Device.TryStop());
            Assert.True(File.Exists(rig.Disk));
        }

        Eventually.True(() => rig.Device.TryStop(), "the device stops once it is closed");
        Assert.True(rig.Runner!.Ended.Wait(TimeSpan.FromSeconds(20)));
        Assert.False(File.Exists(rig.Disk));
    }

    [UblkFact]
    public void U12_A_partition_table_is_found_by_itself_and_not_when_the_scan_is_suppressed()
    {
        foreach ((UblkFeatures features, bool found) in new[] { (UblkFeatures.None, true), (UblkFeatures.NoPartitionScan, false) })
        {
            using UblkRig rig = UblkRig.Start(features, file => new FileTarget(WithPartition(file)), megabytes: 16);
            string partition = $"{rig.Disk}p1";
            if (found)
            {
                Eventually.True(() => File.Exists(partition), "the partition is there");
            }
            else
            {
                // The scan would have come right after the start; the I/O of a reader comes behind it.
                Shell.Run($"dd if={rig.Disk} of=/dev/null bs=4k count=16 iflag=direct");
                Assert.False(File.Exists(partition));
                Shell.Run($"blockdev --rereadpt {rig.Disk}");
                Assert.True(File.Exists(partition));
            }
        }
    }

    [UblkFact]
    public void U12_A_partition_scan_does_not_keep_a_server_that_never_answers_from_being_stopped()
    {
        using UblkRig rig = UblkRig.Start(target: _ => new SilentTarget(), megabytes: 8);

        Assert.False(rig.Runner!.Stop(TimeSpan.FromSeconds(3)));
        rig.Device.Delete(TimeSpan.FromSeconds(20));
    }

    [UblkFact]
    public void U21_A_disk_grows_and_shrinks_under_load()
    {
        using UblkRig rig = UblkRig.Start(UblkFeatures.UpdateSize);
        using Process load = Shell.Start($"fio --name=load --filename={rig.Disk} --rw=randrw --bs=4k --size=16m --ioengine=io_uring --iodepth=16 --direct=1 --time_based --runtime=3");
        for (int i = 0; i < 20; i++)
        {
            long sectors = (i % 2 == 0 ? 32 : 64) * UblkRig.Megabyte / 512;
            rig.Device.Resize(sectors);
            Assert.Equal(sectors, long.Parse(rig.Sysfs("size"), CultureInfo.InvariantCulture));
        }

        string output = load.StandardOutput.ReadToEnd();
        load.WaitForExit();
        Assert.True(load.ExitCode == 0, output);
    }

    [UblkFact]
    public void U22_A_device_is_quiesced_and_goes_on_with_a_new_server()
    {
        using UblkRig rig = UblkRig.Start(UblkFeatures.UserRecovery | UblkFeatures.Quiesce | UblkFeatures.UserRecoveryReissue);
        using Process load = Shell.Start(
            $"fio --name=verify --filename={rig.Disk} --rw=randwrite --bs=4k --size=8m --io_size=8m --ioengine=io_uring --iodepth=8 --direct=1 --verify=crc32c --verify_fatal=1 --rate_iops=600");
        Eventually.True(() => ((FileTarget)rig.Target).Requests > 50, "requests come");
        rig.Device.Quiesce(TimeSpan.FromSeconds(10));
        Assert.True(rig.Runner!.Ended.Wait(TimeSpan.FromSeconds(20)));
        rig.Runner.Dispose();
        rig.Device.Char.Dispose();
        Eventually.True(() => rig.Device.Refresh().State == UblkDeviceState.Quiesced, "the device is quiesced");

        using UblkDevice again = UblkDevice.Recover(rig.Control, rig.Device.Id);
        using UblkRunner runner = UblkRunner.Start(again, rig.Target);
        string output = load.StandardOutput.ReadToEnd();
        load.WaitForExit();
        Assert.True(load.ExitCode == 0, output);
        Assert.True(runner.Stop(TimeSpan.FromSeconds(20)));
    }

    [UblkFact]
    public void U27_A_read_only_disk_is_read_and_not_written()
    {
        using UblkRig rig = UblkRig.Start(parameters: asked => asked with { Attributes = UblkAttributes.ReadOnly }, megabytes: 8);
        Assert.Equal("1", rig.Sysfs("ro"));
        Shell.Run($"dd if={rig.Disk} of=/dev/null bs=64k count=8 iflag=direct");
        Assert.NotEqual(0, Shell.Try($"dd if=/dev/zero of={rig.Disk} bs=64k count=1 oflag=direct").Code);
    }

    [UblkFact]
    public void U28_A_handler_that_throws_fails_its_request_and_nothing_else()
    {
        using UblkRig rig = UblkRig.Start(target: file => new FaultyTarget(file, request => request.Sector == 2048 ? throw new InvalidOperationException("on purpose") : Errno.None), megabytes: 8);
        Assert.NotEqual(0, Shell.Try($"dd if={rig.Disk} of=/dev/null bs=4k skip=256 count=1 iflag=direct").Code);
        Shell.Run($"dd if={rig.Disk} of=/dev/null bs=4k skip=257 count=200 iflag=direct");
        Assert.False(rig.Runner!.Ended.IsCompleted);
    }

    [UblkFact]
    public void U29_A_handler_that_never_completes_is_given_up_when_the_device_stops()
    {
        using UblkRig rig = UblkRig.Start(UblkFeatures.NoPartitionScan, target: _ => new SilentTarget(), megabytes: 8);
        using Process reader = Shell.Start($"dd if={rig.Disk} of=/dev/null bs=4k count=1 iflag=direct");
        Eventually.True(() => ((SilentTarget)rig.Target).Requests > 0, "a request comes");

        Assert.False(rig.Runner!.Stop(TimeSpan.FromSeconds(3)));

        Assert.True(reader.WaitForExit(TimeSpan.FromSeconds(10)));
        Assert.NotEqual(0, reader.ExitCode);
    }

    [UblkFact]
    public void U29_A_request_that_is_completed_after_its_queue_is_gone_is_ignored()
    {
        UblkRequest late;
        using (UblkRig rig = UblkRig.Start(UblkFeatures.NoPartitionScan, target: _ => new SilentTarget(), megabytes: 8))
        {
            using Process reader = Shell.Start($"dd if=/dev/zero of={rig.Disk} bs=4k count=1 oflag=direct");
            Eventually.True(() => ((SilentTarget)rig.Target).Requests > 0, "a request comes");
            Assert.False(rig.Runner!.Stop(TimeSpan.FromSeconds(2)));
            late = ((SilentTarget)rig.Target).Last;
            reader.WaitForExit();
        }

        // Its data and what it asks for can still be looked at, since a slow target may be doing so.
        Assert.Equal(UblkOp.Write, late.Op);
        Assert.Equal(0, late.Data[0]);
        Assert.False(late.Complete());
        Assert.False(late.Complete());
    }

    [UblkFact]
    public void U30_The_threads_that_serve_are_io_flushers()
    {
        using UblkRig rig = UblkRig.Start(megabytes: 8);
        Assert.True(rig.Runner!.AreIoFlushers);
    }

    [UblkFact]
    public void U32_A_target_that_fails_one_request_in_ten_gives_clients_just_those_errors()
    {
        using UblkRig rig = UblkRig.Start(UblkFeatures.NoPartitionScan, file => new FaultyTarget(file, request => request.Sector / 8 % 10 == 3 ? Errno.EIO : Errno.None), megabytes: 8);
        for (int block = 0; block < 40; block++)
        {
            int code = Shell.Try($"dd if={rig.Disk} of=/dev/null bs=4k skip={block} count=1 iflag=direct").Code;
            Assert.Equal(block % 10 == 3, code != 0);
        }
    }

    [UblkFact]
    public void U32_What_the_target_fails_ends_with_the_error_that_it_gave()
    {
        using UblkRig rig = UblkRig.Start(UblkFeatures.NoPartitionScan, file => new FaultyTarget(file, _ => Errno.ENOSPC), megabytes: 8);
        (int code, string output) = Shell.Try($"dd if=/dev/zero of={rig.Disk} bs=4k count=1 oflag=direct");
        Assert.NotEqual(0, code);
        Assert.Contains("No space left", output, StringComparison.Ordinal);
    }

    private static SafeFileHandle WithPartition(SafeFileHandle file)
    {
        byte[] mbr = new byte[512];
        mbr[446 + 4] = 0x83;
        BitConverter.TryWriteBytes(mbr.AsSpan(446 + 8), 2048);
        BitConverter.TryWriteBytes(mbr.AsSpan(446 + 12), 8192);
        (mbr[510], mbr[511]) = (0x55, 0xaa);
        RandomAccess.Write(file, mbr, 0);
        return file;
    }
}
