using System.Buffers.Binary;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;
using LibMultipath.Zones;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Zones;

/// <summary>Zones on many threads, while paths die and come back and submitters change their minds.</summary>
public sealed class ZoneStressTests(ITestOutputHelper output)
{
    private const int ZoneSectors = 1024;
    private const int Submitters = 4;
    private const int Appends = ZoneSectors;

    private readonly ZonedMemory _memory = new(Submitters + 1, ZoneSectors, ZoneSectors);

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public async Task Every_append_is_where_it_says_and_nothing_is_written_twice(int append)
    {
        var limits = new QueueLimits { Features = QueueFeatures.Zoned, ChunkSectors = ZoneSectors, MaxZoneAppendSectors = append };
        int seed = Seeds.Next(output);
        using var head = new MpathHead("zones", new Template(_memory));
        using var disk = new MpathDisk(head);
        DyingZonedPath[] paths = [.. Enumerable.Range(0, 3).Select(i => new DyingZonedPath($"path{i}", _memory, limits))];
        foreach (DyingZonedPath path in paths)
        {
            path.Path = new MpathDevice(new MpathController(Array.IndexOf(paths, path)), path);
            head.Add(path.Path);
            path.Path.SetLive();
        }

        using CancellationTokenSource stop = new();
        Task dying = Task.Run(() => KillAsync(paths, new Random(seed), stop.Token));
        Task<Dictionary<long, long>>[] submitters = [.. Enumerable.Range(1, Submitters).Select(zone => Task.Run(() => AppendAsync(disk, zone, new Random(seed + zone))))];
        Dictionary<long, long>[] ends = await Task.WhenAll(submitters).WaitAsync(Eventually.Limit);
        await stop.CancelAsync();
        await dying.WaitAsync(Eventually.Limit);

        foreach ((int zone, Dictionary<long, long> ended) in Enumerable.Range(1, Submitters).Zip(ends))
        {
            long[] written = [.. Enumerable.Range(zone * ZoneSectors, (int)(_memory[zone].WritePointer - (zone * ZoneSectors))).Select(StampAt)];
            Assert.Equal(written.Length, written.Distinct().Count());
            Assert.All(ended, end => Assert.Equal(end.Key, StampAt(end.Value)));
            Assert.InRange(written.Length, ended.Count, Appends);
        }
    }

    // Where each append that ended well was written.
    private static async Task<Dictionary<long, long>> AppendAsync(MpathDisk disk, int zone, Random random)
    {
        var ended = new Dictionary<long, long>();
        for (int done = 0; done < Appends; done += 8)
        {
            (long Stamp, Bio Bio, CancellationTokenSource Cancel, ValueTask<BlockStatus> Task)[] batch = [.. Enumerable.Range(done, 8).Select(i =>
            {
                byte[] data = new byte[512];
                long stamp = ((long)zone << 32) + i;
                BinaryPrimitives.WriteInt64LittleEndian(data, stamp);
                Bio bio = Bio.Rent(BioOp.ZoneAppend, (long)zone * ZoneSectors, data);
                var cancel = new CancellationTokenSource();
                return (stamp, bio, cancel, disk.SubmitAsync(bio, cancel.Token));
            })];
            if (random.Next(4) == 0)
            {
                await batch[random.Next(batch.Length)].Cancel.CancelAsync();
            }

            foreach ((long stamp, Bio bio, CancellationTokenSource cancel, ValueTask<BlockStatus> task) in batch)
            {
                try
                {
                    Assert.Equal(BlockStatus.Ok, await task.AsTask().WaitAsync(Eventually.Limit));
                    ended.Add(stamp, bio.AppendedSector);
                }
                catch (OperationCanceledException) when (cancel.IsCancellationRequested)
                {
                    Assert.False(bio.IsSubmitted);
                }

                cancel.Dispose();
                bio.Dispose();
            }
        }

        return ended;
    }

    private static async Task KillAsync(DyingZonedPath[] paths, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            DyingZonedPath path = paths[random.Next(paths.Length)];
            path.Die(random.Next(2) == 0);
            await Task.Delay(random.Next(4), CancellationToken.None);
            if (random.Next(3) == 0)
            {
                Array.ForEach(paths, each => each.Path.SetLive());
            }
        }

        Array.ForEach(paths, each => each.Path.SetLive());
    }

    private long StampAt(int sector) => StampAt((long)sector);

    private long StampAt(long sector) => BinaryPrimitives.ReadInt64LittleEndian(_memory.Data[((int)sector * 512)..]);

    private sealed class Template(ZonedMemory memory) : TestTemplate(IoPolicies.Create("round-robin")), IMpathZones
    {
        public int ReportZones(MpathDevice path, long sector, Span<Zone> zones) => path.IsUsable ? memory.Report(sector, zones) : -(int)Errno.EIO;
    }
}
