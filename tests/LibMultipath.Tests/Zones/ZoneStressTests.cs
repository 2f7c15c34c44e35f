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

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly ZonedMemory _memory = new(Submitters + 1, ZoneSectors, ZoneSectors);

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public async Task Every_append_is_where_it_says_and_nothing_is_written_twice(int append)
    {
        Dictionary<long, long>[] ends = await WhilePathsDieAsync(append, AppendAsync);

        foreach ((int zone, Dictionary<long, long> ended) in Enumerable.Range(1, Submitters).Zip(ends))
        {
            long[] written = [.. Enumerable.Range(zone * ZoneSectors, (int)(_memory[zone].WritePointer - (zone * ZoneSectors))).Select(StampAt)];
            Assert.Equal(written.Length, written.Distinct().Count());
            Assert.All(ended, end => Assert.Equal(end.Key, StampAt(end.Value)));
            Assert.InRange(written.Length, ended.Count, Appends);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public async Task Whatever_is_done_to_zones_at_once_each_is_written_from_its_start_after_a_reset(int append)
    {
        var over = new Meeting(Submitters);
        var isReset = new Meeting(Submitters);
        long[][] ends = await WhilePathsDieAsync(append, async (disk, zone, random) =>
        {
            for (int round = 0; round < 150; round++)
            {
                await ChangeAsync(disk, zone, random);
            }

            // All of the zones, once for all submitters.
            await over.ArriveAsync();
            if (zone == 1)
            {
                Assert.Equal(BlockStatus.Ok, await SubmitAsync(disk, Bio.Rent(BioOp.ZoneResetAll)));
            }

            await isReset.ArriveAsync();
            Bio[] appends = [.. Enumerable.Range(0, 8).Select(i => Append(zone, i))];
            Task<BlockStatus>[] tasks = [.. appends.Select(bio => disk.SubmitAsync(bio).AsTask())];
            Assert.All(await Task.WhenAll(tasks).WaitAsync(Eventually.Limit), status => Assert.Equal(BlockStatus.Ok, status));
            long[] where = [.. appends.Select(bio => bio.AppendedSector)];
            Array.ForEach(appends, bio => bio.Dispose());
            return where;
        });

        foreach ((int zone, long[] where) in Enumerable.Range(1, Submitters).Zip(ends))
        {
            Assert.Equal(Enumerable.Range(zone * ZoneSectors, 8).Select(sector => (long)sector), where.Order());
            Assert.Equal((zone * ZoneSectors) + 8, _memory[zone].WritePointer);
            Assert.Equal(Enumerable.Range(0, 8).Select(i => Stamp(zone, i)), where.Select(StampAt));
        }
    }

    // Several operations of a zone at once, of which some are asked back. What becomes of them depends on all the others'.
    private static async Task ChangeAsync(MpathDisk disk, int zone, Random random)
    {
        using CancellationTokenSource cancel = new();
        Task[] changes = [.. Enumerable.Range(0, 6).Select(i =>
        {
            long start = (long)zone * ZoneSectors;
            Bio bio = random.Next(24) switch
            {
                0 => Bio.Rent(BioOp.ZoneResetAll),
                1 or 2 => Bio.Rent(BioOp.ZoneReset, start, 0),
                3 => Bio.Rent(BioOp.ZoneFinish, start, 0),
                4 => Bio.Rent(BioOp.ZoneOpen, start, 0),
                5 => Bio.Rent(BioOp.ZoneClose, start, 0),
                _ => Append(zone, i),
            };
            return EndAsync(disk, bio, random.Next(4) == 0 ? cancel.Token : CancellationToken.None);
        })];
        await cancel.CancelAsync();
        await Task.WhenAll(changes);
    }

    private static async Task EndAsync(MpathDisk disk, Bio bio, CancellationToken cancel)
    {
        try
        {
            await disk.SubmitAsync(bio, cancel).AsTask().WaitAsync(Eventually.Limit, CancellationToken.None);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            Assert.False(bio.IsSubmitted);
        }

        bio.Dispose();
    }

    private static async Task<BlockStatus> SubmitAsync(MpathDisk disk, Bio bio)
    {
        using (bio)
        {
            return await disk.SubmitAsync(bio).AsTask().WaitAsync(Eventually.Limit);
        }
    }

    private static long Stamp(int zone, int number) => ((long)zone << 32) + number;

    private static Bio Append(int zone, int number)
    {
        byte[] data = new byte[512];
        BinaryPrimitives.WriteInt64LittleEndian(data, Stamp(zone, number));
        return Bio.Rent(BioOp.ZoneAppend, (long)zone * ZoneSectors, data);
    }

    private async Task<TResult[]> WhilePathsDieAsync<TResult>(int append, Func<MpathDisk, int, Random, Task<TResult>> submitter)
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
        Task<TResult>[] submitters = [.. Enumerable.Range(1, Submitters).Select(zone => Task.Run(() => submitter(disk, zone, new Random(seed + zone))))];
        try
        {
            return await Task.WhenAll(submitters).WaitAsync(s_patience);
        }
        finally
        {
            await stop.CancelAsync();
            await dying.WaitAsync(Eventually.Limit);
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
                Bio bio = Append(zone, i);
                var cancel = new CancellationTokenSource();
                return (Stamp(zone, i), bio, cancel, disk.SubmitAsync(bio, cancel.Token));
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

    /// <summary>Goes on when all are there, and keeps no thread of the pool waiting.</summary>
    private sealed class Meeting(int count)
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _missing = count;

        public Task ArriveAsync()
        {
            if (Interlocked.Decrement(ref _missing) == 0)
            {
                _all.SetResult();
            }

            return _all.Task.WaitAsync(s_patience);
        }
    }

    private sealed class Template(ZonedMemory memory) : TestTemplate(IoPolicies.Create("round-robin")), IMpathZones
    {
        public int ReportZones(MpathDevice path, long sector, Span<Zone> zones) => path.IsUsable ? memory.Report(sector, zones) : -(int)Errno.EIO;
    }
}
