using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>The samples, started as a user starts them, with real I/O.</summary>
public sealed class SampleTests
{
    [UblkFact]
    public void The_null_target_serves_until_it_is_interrupted()
    {
        using SampleProcess sample = SampleProcess.Start("ublk-null", "--size", "64", "--queues", "2");
        string disk = sample.Line();

        Shell.Run($"fio --name=null --filename={disk} --rw=randrw --bs=4k --size=16m --ioengine=io_uring --iodepth=16 --direct=1 --trim_percentage=10");
        sample.Interrupt();

        Assert.Equal((0, ""), sample.End());
        Assert.False(File.Exists(disk));
    }

    [UblkFact]
    public void The_zoned_null_target_serves_until_it_is_interrupted()
    {
        using SampleProcess sample = SampleProcess.Start("ublk-null", "--size", "64", "--zone", "4", "--zone-capacity", "3", "--conventional", "1", "--max-open", "2", "--max-active", "3");
        string disk = sample.Line();

        Shell.Run($"fio --name=zones --filename={disk} --zonemode=zbd --direct=1 --rw=write --bs=64k --offset=4m --size=32m --ioengine=libaio --iodepth=4 --max_open_zones=2");
        sample.Interrupt();

        Assert.Equal((0, ""), sample.End());
        Assert.False(File.Exists(disk));
    }

    [UblkFact]
    public void A_file_is_served_from_threads_of_the_program()
    {
        string file = Path.Combine(Path.GetTempPath(), $"sample-{Guid.NewGuid():N}");
        using SampleProcess sample = SampleProcess.Start("ublk-threads", file, "--size", "32", "--queues", "2");
        string disk = sample.Line();

        Shell.Verify(disk, "16");
        Shell.Run($"mkfs.ext4 -q -F {disk} && e2fsck -fn {disk} && cmp {disk} {file}");
        sample.Interrupt();

        Assert.Equal((0, ""), sample.End());
        Assert.False(File.Exists(disk));
        File.Delete(file);
    }

    [UblkFact]
    public void A_file_that_is_served_survives_that_the_device_is_stopped_by_another_process()
    {
        string file = Path.Combine(Path.GetTempPath(), $"sample-{Guid.NewGuid():N}");
        using SampleProcess sample = SampleProcess.Start("ublk-threads", file, "--size", "8");
        string disk = sample.Line();
        using UblkControl control = UblkControl.Open();

        control.StopDevice(int.Parse(disk["/dev/ublkb".Length..], System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal((0, ""), sample.End());
        File.Delete(file);
    }

    [Fact]
    public void The_null_target_is_less_than_200_lines()
    {
        string[] sources = ["Program.cs", "NullDisk.cs", "NullTarget.cs"];
        string folder = Path.GetFullPath("../../../../../samples/UblkNull", AppContext.BaseDirectory);
        Assert.InRange(sources.Sum(source => File.ReadLines(Path.Combine(folder, source)).Count()), 50, 199);
    }
}
