using System.Diagnostics;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Host;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Tests.Kit;
using LibMultipath.Ublk.Tests.Scenarios.Kit;
using NullDriver;
using UblkNull;
using Xunit.Abstractions;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>
/// A request allocates nothing, from the kernel to the target and back: over a million of them in eng/repeats, and fewer on
/// every run, and in modes that share most with the default one.
/// </summary>
public sealed class AllocationTests(ITestOutputHelper output)
{
    private const int Depth = 512;
    private const int Few = 20_000;
    private const int Many = 1_000_000;

    // The smallest object has 24 bytes, so that one for every 7th request of 20,000 would be more, or for every 366th of a
    // million. To wait for fio's end takes one or two thousand.
    private const long MostBytes = 64 * 1024;

#if DEBUG
    // A debug build keeps a record of each read section: of the head's and of the path's, with a weak reference to it.
    private const long RecordBytes = 2 * (40 + 24);
#else
    private const long RecordBytes = 0;
#endif

    [UblkFact(Seconds = 600, Kernel = "7.2")]
    public void A_target_that_does_nothing_is_served_without_an_allocation()
    {
        var shape = new UblkDeviceOptions { QueueDepth = Depth, Parameters = new UblkParameters() };
        using UblkRig rig = UblkRig.Start(target: _ => new NullTarget(), shape: shape, megabytes: 1024);
        AssertAllocates(0, rig.Disk, Repeats.AreMany ? Many : Few);
    }

    [UblkTheory(Seconds = 900, Kernel = "7.2")]
    [InlineData(UblkDataMode.Copy, false, Many)]
    [InlineData(UblkDataMode.UserCopy, false, Many / 5)]
    [InlineData(UblkDataMode.AutoZeroCopy, true, Many / 5)]
    public void A_head_over_a_null_path_is_served_without_an_allocation(UblkDataMode mode, bool batch, int many)
    {
        using var head = new MpathHead("null", new NullHeadTemplate(new MpathIoPolicy(IoPolicies.RoundRobin)));
        using var disk = new MpathDisk(head);
        MpathDevice path = new NullPath("null0", new NullOptions()).AddTo(head, new MpathController(0));
        try
        {
            using UblkHost host = UblkHost.Start(disk, new UblkHostOptions { Mode = mode, Batch = batch, QueueDepth = Depth });
            AssertAllocates(RecordBytes, host.BlockPath, Repeats.AreMany ? many : Few);
        }
        finally
        {
            head.Remove(path);
        }
    }

    // This process serves, and fio, a process of its own, asks: for some more than are to be counted, since it begins
    // before the counting does. If that began late, it is done again.
    private void AssertAllocates(long bytesEach, string disk, int requests)
    {
        using (Process warmUp = Load(disk, 20_000))
        {
            Succeeds(warmUp);
        }

        Eventually.True(() => CountedAllocations(bytesEach, disk, requests) >= requests, "all requests to be counted", TimeSpan.FromMinutes(10));
    }

    private long CountedAllocations(long bytesEach, string disk, int requests)
    {
        using Process load = Load(disk, requests + (requests / 50));
        long served = Served(disk);
        long bytes = GC.GetTotalAllocatedBytes(precise: true);
        load.WaitForExit();
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        served = Served(disk) - served;
        Succeeds(load);
        output.WriteLine($"{bytes} bytes for {served} requests");
        Assert.InRange(bytes - (served * bytesEach), -MostBytes, MostBytes);
        return served;
    }

    // In an emulated machine fio's own work is most of it: it submits and completes hundreds at a time, and does not
    // look at the clock.
    private static Process Load(string disk, int requests) => Shell.Start(
        $"fio --name=load --filename={disk} --rw=randrw --bs=512 --number_ios={requests} --io_size=4g --random_generator=lfsr --direct=1 --ioengine=io_uring --fixedbufs --registerfiles "
        + $"--iodepth={Depth} --iodepth_batch_submit=256 --iodepth_batch_complete_min=256 --iodepth_batch_complete_max={Depth} --gtod_reduce=1 --minimal");

    private static void Succeeds(Process load)
    {
        string said = load.StandardOutput.ReadToEnd();
        load.WaitForExit();
        Assert.True(load.ExitCode == 0, said);
    }

    // Reads and writes that have ended, by the kernel's own count.
    private static long Served(string disk)
    {
        string[] counts = File.ReadAllText($"/sys/block/{Path.GetFileName(disk)}/stat").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(counts[0]) + long.Parse(counts[4]);
    }
}
