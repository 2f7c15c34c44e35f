using System.Globalization;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Zones;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Host;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Tests.Scenarios.Kit;
using LibMultipath.Zones;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>A head disk over paths to a zoned device, as a zoned block device.</summary>
public sealed class ZonedHeadTests
{
    private const int Zones = 8;
    private const int ZoneSectors = 4096;
    private const int Capacity = 3072;
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(20);

    private readonly ZonedMemory _memory = new(Zones, ZoneSectors, Capacity);

    private static QueueLimits Limits => new()
    {
        LogicalBlockSize = 4096,
        Features = QueueFeatures.Zoned,
        ChunkSectors = ZoneSectors,
        MaxSectors = 256,
        MaxOpenZones = 4,
        MaxActiveZones = 6,
    };

    [UblkFact]
    public void The_zones_of_a_head_disk_are_reported_and_changed()
    {
        (MpathHead head, MpathDisk disk, _) = ZonedPath.Head(_memory, Limits);
        using (head)
        using (disk)
        {
            using UblkHost host = UblkHost.Start(disk, new UblkHostOptions { Mode = UblkDataMode.UserCopy });
            Assert.Equal(["host-managed", "8", "4096", "4", "6"],
                new[] { "zoned", "nr_zones", "chunk_sectors", "max_open_zones", "max_active_zones" }.Select(name => Sysfs(host, name)));
            Shell.Run($"dd if=/dev/zero of={host.BlockPath} bs=64k seek=32 count=2 oflag=direct");
            Assert.Equal(ZoneSectors + 256, _memory[1].WritePointer);
            AssertReport(host);

            Assert.NotEqual(0, Shell.Try($"dd if=/dev/zero of={host.BlockPath} bs=64k seek=70 count=1 oflag=direct").Code);
            Zone(host, "open", 2);
            Zone(host, "finish", 3);
            Zone(host, "close", 1);
            Assert.Equal([ZoneCondition.Closed, ZoneCondition.ExplicitlyOpen, ZoneCondition.Full], _memory.Zones[1..4].Select(zone => zone.Condition));
            AssertReport(host);
            Zone(host, "reset", 1);
            Assert.Equal(ZoneCondition.Empty, _memory[1].Condition);

            Shell.Run($"blkzone reset {host.BlockPath}");
            Assert.All(_memory.Zones[1..], zone => Assert.Equal(ZoneCondition.Empty, zone.Condition));
            AssertReport(host);
            Assert.True(host.Stop(s_long));
        }
    }

    [UblkFact]
    public unsafe void An_append_tells_where_it_went_although_a_path_died_with_it()
    {
        var memory = new ZonedMemory(Zones, ZoneSectors, ZoneSectors, conventional: false);
        (MpathHead head, MpathDisk disk, ZonedPath[] paths) = ZonedPath.Head(memory, Limits with { LogicalBlockSize = 512 });
        using (head)
        using (disk)
        {
            using UblkHost host = UblkHost.Start(disk, new UblkHostOptions { Mode = UblkDataMode.UserCopy });
            using (var data = new DirectFile(host.BlockPath))
            using (var nvme = new NvmeLoop(host.BlockPath))
            {
                Assert.Equal((0, ZoneSectors), nvme.Append(ZoneSectors, data.Memory, 8));
                foreach (ZonedPath path in paths)
                {
                    path.DieIn(1, carriesOut: true);
                }

                Task<(int, long)> append = Task.Run(() => nvme.Append(ZoneSectors, data.Memory, 16));
                Assert.True(append.Wait(Eventually.Limit), "the append did not end");

                Assert.Equal((0, ZoneSectors + 8), append.Result);
                Assert.Single(paths, path => !path.Path.IsUsable);
            }

            Assert.Equal(ZoneSectors + 24, memory[1].WritePointer);
            Assert.True(host.Stop(s_long));
        }
    }

    [UblkFact]
    public void Fio_verifies_zones_while_paths_die_with_its_writes_and_come_back()
    {
        (MpathHead head, MpathDisk disk, ZonedPath[] paths) = ZonedPath.Head(_memory, Limits);
        using (head)
        using (disk)
        {
            using UblkHost host = UblkHost.Start(disk, new UblkHostOptions { Mode = UblkDataMode.UserCopy });
            Task<string> fio = Task.Run(() => Shell.Run(
                $"fio --name=zones --filename={host.BlockPath} --zonemode=zbd --direct=1 --rw=write --bs=16k --offset=2m --size=14m --verify=crc32c --ioengine=libaio --iodepth=8 --max_open_zones=4"));
            for (int round = 0; !fio.IsCompleted && round < 20; round++)
            {
                ZonedPath path = paths[round % 2];
                path.DieIn(10, carriesOut: round % 4 < 2);
                Eventually.True(() => fio.IsCompleted || !path.Path.IsUsable, "a path to die");
                path.Path.SetLive();
            }

            Assert.True(fio.Wait(Eventually.Limit), "fio did not end");
            Assert.All(paths, path => Assert.True(path.Deaths is { After: > 0, Before: > 0 }, $"{path.Name} died {path.Deaths}"));
            Assert.All(_memory.Zones[1..], zone => Assert.Equal(ZoneCondition.Full, zone.Condition));
            Assert.True(host.Stop(s_long));
        }
    }

    [Theory]
    [InlineData(UblkDataMode.Copy)]
    [InlineData(UblkDataMode.GetData)]
    public void A_zoned_disk_is_not_shown_where_the_driver_copies(UblkDataMode mode)
    {
        (MpathHead head, MpathDisk disk, _) = ZonedPath.Head(_memory, Limits);
        using (head)
        using (disk)
        {
            UblkException refused = Assert.Throws<UblkException>(() => UblkHost.Start(disk, new UblkHostOptions { Mode = mode }));

            Assert.Equal(UblkErrorKind.NotSupported, refused.Kind);
            Assert.Contains($"in the mode {mode}", refused.Message);
            Assert.Contains("show it in the mode UserCopy", refused.Message);
            Assert.Equal(0, disk.OpenCount);
        }
    }

    [Fact]
    public void A_zoned_disk_that_cannot_report_its_zones_is_not_shown()
    {
        var path = new ZonedPath("path", _memory, Limits);

        UblkException refused = Assert.Throws<UblkException>(() => UblkHost.Start(path, new UblkHostOptions { Mode = UblkDataMode.UserCopy }));

        Assert.Contains("only a head disk reports its zones", refused.Message);
    }

    [Fact]
    public void The_parameters_of_a_zoned_disk_are_those_that_the_driver_takes()
    {
        (MpathHead head, MpathDisk disk, _) = ZonedPath.Head(_memory, Limits with { MaxOpenZones = 100, MaxActiveZones = 1000 });
        using (head)
        using (disk)
        {
            var options = new UblkHostOptions { Mode = UblkDataMode.UserCopy };

            UblkParameters parameters = DiskParameters.Of(disk, options);

            Assert.Equal(ZoneSectors, parameters.ChunkSectors);
            Assert.Equal(new UblkZoned { MaxOpenZones = Zones, MaxActiveZones = Zones, MaxAppendSectors = options.MaxIoBytes / 512 }, parameters.Zoned);
            Assert.Empty(parameters.Validate(UblkFeatures.Zoned | UblkFeatures.UserCopy, options.MaxIoBytes).Errors);
        }
    }

    private static string Sysfs(UblkHost host, string name) => File.ReadAllText($"/sys/block/{Path.GetFileName(host.BlockPath)}/queue/{name}").Trim();

    private static void Zone(UblkHost host, string what, int zone) => Shell.Run($"blkzone {what} -o {zone * ZoneSectors} -c 1 {host.BlockPath}");

    // As blkzone shows it, so that what it shows of the device itself is the same.
    private void AssertReport(UblkHost host)
    {
        string[] lines = Shell.Run($"blkzone report {host.BlockPath}").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Zones, lines.Length);
        foreach ((string line, Zone zone) in lines.Zip(_memory.Zones))
        {
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"start: 0x{zone.Start:x9}, len 0x{zone.Length:x6}, cap 0x{zone.Capacity:x6}"), line, StringComparison.Ordinal);
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"zcond:{(int)zone.Condition,2}("), line, StringComparison.Ordinal);
            if (zone.Condition is ZoneCondition.Empty or ZoneCondition.ImplicitlyOpen or ZoneCondition.ExplicitlyOpen or ZoneCondition.Closed)
            {
                Assert.Contains($"wptr 0x{zone.WritePointer - zone.Start:x6}", line, StringComparison.Ordinal);
            }
        }
    }
}
