using LibMultipath.Tests.Zones;
using LibMultipath.Ublk.Tests.Scenarios.Kit;
using Mpathd.Control;
using Mpathd.Serving;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Machine;

/// <summary>A zoned disk of the kernel, through two paths, a head and a block device.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ZonedTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    [UblkFact(Seconds = 400)]
    public async Task A_zoned_disk_is_the_same_through_two_paths_while_one_is_lost()
    {
        using var folder = new TemporaryFolder();
        using var disk = new NullBlk(128, ("zone_size", "4"), ("zone_capacity", "3"), ("zone_nr_conv", "2"), ("zone_max_open", "8"));
        using ServedDevice device = await ServedDevice.Serve(
            folder, $"--path=bdev:{disk.Device}", $"--path=bdev:{disk.Device}", "--policy=round-robin", "--zero-copy");
        AssertSameReport(disk, device);
        foreach (string queue in new[] { "zoned", "nr_zones", "chunk_sectors", "max_open_zones" })
        {
            Assert.Equal(QueueOf(disk.Device, queue), QueueOf(device.Path, queue));
        }

        // Each operation, and what a user of the zones sees of it.
        Shell.Run($"dd if=/dev/urandom of={device.Path} bs=64k count=4 seek=192 oflag=direct status=none");
        AssertSameReport(disk, device);
        foreach (string what in new[] { "close", "open", "finish", "reset" })
        {
            Shell.Run($"blkzone {what} -o {3 * 8192} -c 1 {device.Path}");
            AssertSameReport(disk, device);
        }

        Task<string> load = Task.Run(() => Shell.Run(Fio(device.Path, "--size=40m --io_size=24m --rate_iops=,60"), seconds: 300));
        for (int round = 0; round < 3; round++)
        {
            await SomeIo(device, load);
            await device.DoAsync(ControlVerbs.PathFail, $"{round % 2}");
            await SomeIo(device, load);
            await device.DoAsync(ControlVerbs.PathRestore, $"{round % 2}");
        }

        await load;
        ServiceStatus status = await device.StatusAsync();
        Assert.Equal((0L, "live"), (status.Errors, status.State));
        Assert.All(status.Paths, path => Assert.True(path.Writes > 20, $"{path.Name} has written {path.Writes}"));
        AssertSameReport(disk, device);
        Shell.Run($"blkzone reset {device.Path}");
        AssertSameReport(disk, device);
        await device.DoAsync(ControlVerbs.Stop);
        Assert.Equal(0, (await device.EndAsync()).Code);
    }

    [UblkFact(Seconds = 300)]
    public async Task Two_devices_of_the_kernel_that_lose_writes_are_one_zoned_disk()
    {
        var memory = new ZonedMemory(zones: 8, zoneSectors: 8192, capacity: 6144);
        using var first = new ZonedDevice(memory);
        using var second = new ZonedDevice(memory);
        using var folder = new TemporaryFolder();
        using ServedDevice device = await ServedDevice.Serve(folder, $"--path=bdev:{first.Path}", $"--path=bdev:{second.Path}");
        Task<string> load = Task.Run(() => Shell.Run(Fio(device.Path, "--size=32m --io_size=6m"), seconds: 200));
        for (int round = 0; !load.IsCompleted; round++)
        {
            // The one that has the I/O just then.
            ((int, int), (int, int)) before = (first.Losses, second.Losses);
            first.LoseWriteIn(4, carriedOut: round % 4 < 2);
            second.LoseWriteIn(4, carriedOut: round % 4 < 2);
            await Eventually.TrueAsync(() => load.IsCompleted || (first.Losses, second.Losses) != before, "a write to be lost", s_limit);
        }

        await load;
        Assert.All(new[] { first, second }, each => Assert.True(each.Losses is { After: > 0, Before: > 0 }, $"{each.Path} has lost {each.Losses}"));
        ServiceStatus status = await device.StatusAsync();
        Assert.Equal((0L, "live"), (status.Errors, status.State));
        Assert.Equal(Shell.Run($"blkzone report {first.Path}"), Shell.Run($"blkzone report {device.Path}"));
        await device.DoAsync(ControlVerbs.Stop);
        Assert.Equal(0, (await device.EndAsync()).Code);
    }

    private static async Task SomeIo(ServedDevice device, Task<string> load)
    {
        long before = (await device.StatusAsync()).Ios;
        await Eventually.TrueAsync(() => load.IsCompleted || device.StatusAsync().Result.Ios > before + 30, "I/O under way", s_limit);
        if (load.IsCompleted)
        {
            Assert.Fail($"The load is over too soon: {await load}");
        }
    }

    // Conventional zones are written anywhere, the others at their write pointers.
    private static string Fio(string device, string what) =>
        $"fio --name=zones --filename={device} --zonemode=zbd --direct=1 --rw=randwrite --bsrange=4k-64k --bs_unaligned=0 --blockalign=4k "
        + $"{what} --ioengine=libaio --iodepth=8 --max_open_zones=6 --verify=crc32c --do_verify=1 --verify_fatal=1 --randseed=11";

    private static void AssertSameReport(NullBlk disk, ServedDevice device) =>
        Assert.Equal(Shell.Run($"blkzone report {disk.Device}"), Shell.Run($"blkzone report {device.Path}"));

    private static string QueueOf(string device, string attribute) =>
        File.ReadAllText($"/sys/block/{Path.GetFileName(device)}/queue/{attribute}").Trim();
}
