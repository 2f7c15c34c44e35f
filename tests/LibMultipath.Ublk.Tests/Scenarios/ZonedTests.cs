using System.Globalization;
using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Tests.Scenarios.Kit;
using UblkNull.Zones;
using static LibMultipath.Ublk.Abi.blk_zone_cond;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>A zoned disk, from the kernel's side.</summary>
public sealed class ZonedTests
{
    private const UblkFeatures Zoned = UblkFeatures.Zoned | UblkFeatures.UserCopy;
    private const int ZoneBytes = 4 << 20;
    private const long ZoneSectors = ZoneBytes / 512;

    [UblkTheory]
    [InlineData(Zoned)]
    [InlineData(Zoned | UblkFeatures.ZeroCopy)]
    [InlineData(Zoned | UblkFeatures.ZeroCopy | UblkFeatures.AutoBufferRegistration)]
    [InlineData(Zoned | UblkFeatures.BatchIo)]
    public void U24_A_zoned_null_target_reports_writes_and_resets(UblkFeatures features)
    {
        var limits = new ZoneLimits { ZoneCapacity = 3, Conventional = 2, MaxOpen = 4, MaxActive = 6 };
        using UblkRig rig = Start(features, limits, out ZoneTable zones);
        Assert.Equal("host-managed", rig.Sysfs("queue/zoned"));
        Assert.Equal(["16", "8192", "4", "6"], new[] { "nr_zones", "chunk_sectors", "max_open_zones", "max_active_zones" }.Select(name => rig.Sysfs($"queue/{name}")));
        string[] report = Report(rig.Disk);
        Assert.Equal(16, report.Length);
        Assert.Contains("CONVENTIONAL", report[1], StringComparison.Ordinal);
        Assert.Contains("cap 0x001800", report[2], StringComparison.Ordinal);
        using var disk = new DirectFile(rig.Disk);

        // Behind one another in a zone, anywhere without a write pointer, and nowhere else.
        Assert.Equal(Errno.None, disk.Write(8192, 3 * ZoneBytes));
        Assert.Equal(Errno.None, disk.Write(4096, (3 * ZoneBytes) + 8192));
        Assert.Equal(Errno.EIO, disk.Write(4096, (3 * ZoneBytes) + 65536));
        Assert.Equal(Errno.EIO, disk.Write(4096, 4 * ZoneBytes + 4096));
        Assert.Equal(Errno.None, disk.Write(4096, ZoneBytes + 65536));
        AssertZone(rig, zones, 3, BLK_ZONE_COND_IMP_OPEN, 24);
        AssertZone(rig, zones, 4, BLK_ZONE_COND_EMPTY, 0);
        Assert.Equal(new byte[8192], disk.Bytes(8192, 3 * ZoneBytes));

        Zone(rig, "open", 5);
        AssertZone(rig, zones, 5, BLK_ZONE_COND_EXP_OPEN, 0);
        Zone(rig, "close", 3);
        AssertZone(rig, zones, 3, BLK_ZONE_COND_CLOSED, 24);
        Zone(rig, "finish", 3);
        AssertZone(rig, zones, 3, BLK_ZONE_COND_FULL, ZoneSectors);
        Assert.Equal(Errno.EIO, disk.Write(4096, (3 * ZoneBytes) + 12288));
        Zone(rig, "reset", 3);
        AssertZone(rig, zones, 3, BLK_ZONE_COND_EMPTY, 0);
        Assert.Equal(Errno.None, disk.Write(4096, 3 * ZoneBytes));

        Shell.Run($"blkzone reset {rig.Disk}");
        Assert.All(zones.Report(2 * ZoneSectors, 14), zone => Assert.Equal(BLK_ZONE_COND_EMPTY, zone.cond));
        Assert.All(Report(rig.Disk)[2..], line => Assert.Contains("zcond: 1(em)", line, StringComparison.Ordinal));
    }

    [UblkTheory]
    [InlineData(Zoned)]
    [InlineData(Zoned | UblkFeatures.ZeroCopy)]
    [InlineData(Zoned | UblkFeatures.BatchIo)]
    public void U24_Fio_runs_clean_in_its_mode_for_zones(UblkFeatures features)
    {
        using UblkRig rig = Start(features, new ZoneLimits { ZoneCapacity = 3, MaxOpen = 4, MaxActive = 4 }, out ZoneTable zones);

        Shell.Run($"fio --name=zones --filename={rig.Disk} --zonemode=zbd --direct=1 --rw=randwrite --bsrange=4k-64k --bs_unaligned=0 --size=48m --io_size=64m --ioengine=libaio --iodepth=8 --max_open_zones=4");
        Shell.Run($"fio --name=zones --filename={rig.Disk} --zonemode=zbd --direct=1 --rw=randread --bs=16k --size=16m --io_size=4m --ioengine=io_uring --iodepth=8");

        Assert.Contains(zones.Report(0, 16), zone => zone.cond == BLK_ZONE_COND_FULL);
    }

    [UblkTheory]
    [InlineData(Zoned)]
    [InlineData(Zoned | UblkFeatures.ZeroCopy)]
    [InlineData(Zoned | UblkFeatures.BatchIo)]
    public unsafe void U24_An_append_tells_where_it_went(UblkFeatures features)
    {
        using UblkRig rig = Start(features, new ZoneLimits(), out ZoneTable zones);
        using var disk = new DirectFile(rig.Disk);
        using var nvme = new NvmeLoop(rig.Disk);

        Assert.Equal((0, 0), nvme.Append(0, disk.Memory, 8));
        Assert.Equal((0, 8), nvme.Append(0, disk.Memory, 16));
        Assert.Equal((0, 3 * ZoneSectors), nvme.Append(3 * ZoneSectors, disk.Memory, 8));
        Assert.Equal((0, (3 * ZoneSectors) + 8), nvme.Append(3 * ZoneSectors, disk.Memory, 8));
        Assert.Equal((0, 24), nvme.Append(0, disk.Memory, 8));

        AssertZone(rig, zones, 0, BLK_ZONE_COND_IMP_OPEN, 32);
        AssertZone(rig, zones, 3, BLK_ZONE_COND_IMP_OPEN, 16);
        Zone(rig, "finish", 3);
        Assert.NotEqual(0, nvme.Append(3 * ZoneSectors, disk.Memory, 8).Status);
    }

    [UblkFact]
    public void U24_No_more_zones_are_open_and_active_than_there_may_be()
    {
        using UblkRig rig = Start(Zoned, new ZoneLimits { MaxOpen = 2, MaxActive = 3 }, out ZoneTable zones);
        using var disk = new DirectFile(rig.Disk);

        // What a write has opened makes way, what a command has opened does not.
        Assert.Equal(Errno.None, disk.Write(4096, 0));
        Zone(rig, "open", 1);
        Zone(rig, "open", 2);
        AssertZone(rig, zones, 0, BLK_ZONE_COND_CLOSED, 8);
        Assert.NotEqual(0, Shell.Try($"blkzone open -o {3 * ZoneSectors} -c 1 {rig.Disk}").Code);
        Assert.Equal(Errno.ETOOMANYREFS, disk.Write(4096, 4096));

        // A zone that is written in part is active even when it is closed.
        Zone(rig, "close", 1);
        AssertZone(rig, zones, 1, BLK_ZONE_COND_EMPTY, 0);
        Zone(rig, "reset", 0);
        Assert.Equal(Errno.None, disk.Write(4096, 4 * ZoneBytes));
        Assert.Equal(Errno.None, disk.Write(4096, 5 * ZoneBytes));
        Assert.Equal(Errno.EOVERFLOW, disk.Write(4096, 6 * ZoneBytes));

        // The kernel wants to know how a zone is in which a write has failed, before it lets another one through.
        Zone(rig, "reset", 4);
        AssertZone(rig, zones, 6, BLK_ZONE_COND_EMPTY, 0);
        Assert.Equal(Errno.None, disk.Write(4096, 6 * ZoneBytes));
    }

    [UblkFact]
    public void U24_A_report_that_takes_several_requests_is_whole()
    {
        // 80 zones, 64 to a page. The kernel makes no disk if one of them is not reported; what it gives to a user in
        // one piece it numbers anew with each request, so that he is asked for less here.
        var limits = new ZoneLimits { ZoneSize = 1 };
        var zones = new ZoneTable(80 * 2048, limits);
        var shape = new UblkDeviceOptions { MaxIoBytes = 4096, Parameters = new UblkParameters() };
        using UblkRig rig = UblkRig.Start(Zoned, _ => new ZonedNullTarget(zones), asked => limits.Apply(asked with { MaxSectors = 8, Discard = null }), shape, megabytes: 80);
        Assert.Equal("80", rig.Sysfs("queue/nr_zones"));

        string[] report = [.. Report(rig.Disk, "-c 64"), .. Report(rig.Disk, $"-o {64 * 2048} -c 16")];

        Assert.Equal(80, report.Length);
        Assert.All(report.Index(), line => Assert.Contains($"start: 0x{line.Index * 2048:x9}", line.Item, StringComparison.Ordinal));
    }

    [UblkFact]
    public void U24_A_target_that_reports_no_zones_does_not_start()
    {
        var limits = new ZoneLimits();
        UblkException thrown = Assert.Throws<UblkException>(() => UblkRig.Start(
            Zoned, file => new FileTarget(file), asked => limits.Apply(asked with { Discard = null }), megabytes: 16).Dispose());

        Assert.Contains("START_DEV", thrown.Message, StringComparison.Ordinal);
    }

    private static UblkRig Start(UblkFeatures features, ZoneLimits limits, out ZoneTable zones)
    {
        var table = new ZoneTable(16 * ZoneSectors, limits);
        zones = table;
        return UblkRig.Start(features, _ => new ZonedNullTarget(table), asked => limits.Apply(asked with { Discard = null }), megabytes: 64);
    }

    // As the target has it, and as the kernel reports it.
    private static void AssertZone(UblkRig rig, ZoneTable zones, int number, blk_zone_cond condition, long written)
    {
        blk_zone zone = zones.Report(number * ZoneSectors, 1)[0];
        Assert.Equal((condition, number * ZoneSectors + written), (zone.cond, (long)zone.wp));
        string line = Report(rig.Disk, $"-o {number * ZoneSectors} -c 1").Single();
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"zcond:{(int)condition,2}("), line, StringComparison.Ordinal);
        if (condition != BLK_ZONE_COND_FULL)
        {
            Assert.Contains($"wptr 0x{written:x6}", line, StringComparison.Ordinal);
        }
    }

    private static void Zone(UblkRig rig, string what, int zone) => Shell.Run($"blkzone {what} -o {zone * ZoneSectors} -c 1 {rig.Disk}");

    private static string[] Report(string disk, string part = "") =>
        Shell.Run($"blkzone report {part} {disk}").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
