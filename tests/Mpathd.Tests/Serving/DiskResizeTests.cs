using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.Disk;
using Mpathd.Control;
using Mpathd.Paths;
using Mpathd.Serving;
using Mpathd.Tests.Kit;

namespace Mpathd.Tests.Serving;

public sealed class DiskResizeTests
{
    private const int Mega = 1 << 20;

    [Fact]
    public async Task A_file_is_extended_with_zeroes_and_its_data_stays()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(3, Mega);
        Assert.Equal(BlockStatus.Ok, await WriteAsync(daemon.Host.Disk, 0, 7));
        Assert.Equal("size: 2M", await daemon.DoAsync(Resize(2 * Mega)));
        Assert.Equal(2 * Mega, (await daemon.StatusAsync()).CapacityBytes);
        Assert.Equal(BlockStatus.Ok, await WriteAsync(daemon.Host.Disk, (2 * Mega) - 512, 9));
        byte[] file = await File.ReadAllBytesAsync(daemon.Folder.File("disk.img"));
        Assert.Equal((2 * Mega, 7, 0, 9), (file.Length, file[0], file[Mega], file[^1]));
    }

    [Fact]
    public async Task A_file_is_cut_off_and_nothing_is_reached_beyond()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(3, 2 * Mega);
        await daemon.DoAsync(Resize(Mega));
        Assert.Equal(Mega, new FileInfo(daemon.Folder.File("disk.img")).Length);
        Assert.Equal(BlockStatus.IoError, await WriteAsync(daemon.Host.Disk, Mega, 1));
        Assert.Equal(BlockStatus.Ok, await WriteAsync(daemon.Host.Disk, Mega - 512, 1));
        Assert.All((await daemon.StatusAsync()).Paths, path => Assert.Equal("optimized", path.State));
    }

    [Fact]
    public async Task Null_paths_change_their_capacity()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        foreach (long size in new[] { 4096L, 1L << 40, Mega })
        {
            await daemon.DoAsync(Resize(size));
            Assert.Equal(size, (await daemon.StatusAsync()).CapacityBytes);
            Assert.Equal(BlockStatus.Ok, await WriteAsync(daemon.Host.Disk, size - 512, 1));
        }

        // A path that comes later is as large as the disk is now.
        await daemon.DoAsync(Resize(2 * Mega));
        Assert.Equal(ExitCode.WrongArguments, (await daemon.RefusedAsync(new ControlRequest { Verb = ControlVerbs.PathAdd, Spec = "null:size=1M" })).Code);
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathAdd, Spec = "null:size=2M" });
        Assert.All((await daemon.StatusAsync()).Paths, path => Assert.True(path.Usable));
    }

    [Fact]
    public async Task A_path_that_had_failed_can_be_restored_after()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(2, Mega);
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathFail, Path = "0" });
        await daemon.DoAsync(Resize(3 * Mega));
        await daemon.DoAsync(Resize(2 * Mega));
        Assert.Equal("failed", (await daemon.StatusAsync()).Paths[0].State);
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathRestore, Path = "0" });
        Assert.All((await daemon.StatusAsync()).Paths, path => Assert.True(path.Usable));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-4096)]
    [InlineData(512)]
    [InlineData(4097)]
    [InlineData(long.MaxValue)]
    [InlineData((1L << 50) + 4096)]
    public async Task A_size_that_cannot_be_is_refused(long size)
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(1, Mega);
        MpathdException refused = await daemon.RefusedAsync(Resize(size));
        Assert.Equal(ExitCode.WrongArguments, refused.Code);
        Assert.Contains("give 4K to 1024T, a multiple of the disk's block of 512 bytes", refused.Remedy);
        Assert.Equal(Mega, (await daemon.StatusAsync()).CapacityBytes);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_told_and_nothing_has_changed()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(2, Mega);
        File.Delete(daemon.Folder.File("disk.img"));
        MpathdException refused = await daemon.RefusedAsync(Resize(2 * Mega));
        Assert.Equal(ExitCode.SystemLacks, refused.Code);
        refused = await daemon.RefusedAsync(Resize(Mega / 2));
        Assert.Equal(ExitCode.SystemLacks, refused.Code);
        ServiceStatus status = await daemon.StatusAsync();
        Assert.Equal((Mega, "live"), (status.CapacityBytes, status.State));
        Assert.Equal(BlockStatus.Ok, await WriteAsync(daemon.Host.Disk, Mega - 512, 1));
    }

    [Fact]
    public async Task A_device_that_cannot_follow_keeps_the_disk_as_it_is()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(1, Mega);
        daemon.Host.CanResize = false;
        Assert.Equal(ExitCode.SystemLacks, (await daemon.RefusedAsync(Resize(2 * Mega))).Code);
        Assert.Equal(Mega, new FileInfo(daemon.Folder.File("disk.img")).Length);
    }

    [Fact]
    public async Task A_device_that_does_not_follow_is_told()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        daemon.Host.Follows = false;
        MpathdException refused = await daemon.RefusedAsync(Resize(2 * Mega));
        Assert.Equal((ExitCode.Failed, "the disk has 2M now, but /dev/test0 does not follow"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_read_only_disk_keeps_its_size()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(1, Mega, options => options with { ReadOnly = true });
        Assert.Contains("read-only", (await daemon.RefusedAsync(Resize(2 * Mega))).Message);
        Assert.Equal(Mega, new FileInfo(daemon.Folder.File("disk.img")).Length);
    }

    [Fact]
    public async Task Under_load_nothing_below_the_new_end_fails_and_the_file_is_never_longer()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(2, 4 * Mega);
        using var stop = new CancellationTokenSource();
        Task<(int Ok, int Refused)>[] writers = [.. Enumerable.Range(0, 4).Select(seed => Task.Run(() => WriteUntilAsync(daemon.Host.Disk, seed, stop.Token)))];
        for (int i = 0; i < 10; i++)
        {
            int size = i % 2 == 0 ? Mega : 4 * Mega;
            await daemon.DoAsync(Resize(size));
            Assert.Equal(size, new FileInfo(daemon.Folder.File("disk.img")).Length);
        }

        await daemon.DoAsync(Resize(Mega));
        await stop.CancelAsync();
        foreach ((int ok, int refused) in await Task.WhenAll(writers))
        {
            Assert.True(ok > 0 && refused > 0);
        }

        Assert.Equal(Mega, new FileInfo(daemon.Folder.File("disk.img")).Length);
    }

    [Fact]
    public async Task Io_under_way_ends_before_the_disk_shrinks()
    {
        var latency = TimeSpan.FromMilliseconds(300);
        PathSpec spec = PathSpecParser.Parse("null:size=2M,latency=300ms");
        using PathGroup group = Group.Of(PathSpecs.MakerOf(spec, new PathMakerOptions()), 2);
        using var bio = Bio.Rent(BioOp.Write, (2 * Mega / 512) - 1, new byte[512]);
        long start = Stopwatch.GetTimestamp();
        Task<BlockStatus> write = group.Disk.SubmitAsync(bio).AsTask();
        new DiskResize(group, spec).To(Mega);

        // Whoever waits for the write may hear of its end a little later.
        Assert.True(Stopwatch.GetElapsedTime(start) >= latency);
        Assert.Equal(BlockStatus.Ok, await write.WaitAsync(Eventually.Limit));
        Assert.Equal(Mega / 512, group.Disk.CapacitySectors);
        Assert.All(group.Paths, path => Assert.True(path.Device.IsUsable));
    }

    [Fact]
    public async Task A_disk_does_not_shrink_under_io_that_does_not_end()
    {
        var maker = new MemoryPaths(Mega) { Fault = _ => DiskFault.Lose };
        using PathGroup group = Group.Of(maker, 1);
        using var bio = Bio.Rent(BioOp.Write, 0, new byte[512]);
        ValueTask<BlockStatus> write = group.Disk.SubmitAsync(bio);
        MpathdException thrown = Assert.Throws<MpathdException>(
            () => new DiskResize(group, PathSpecParser.Parse("loop:none"), drainLimit: TimeSpan.FromMilliseconds(50)).To(Mega / 2));
        Assert.Equal((ExitCode.Failed, "1 I/Os have been under way for 0 s, and the disk cannot shrink under them"), (thrown.Code, thrown.Message));
        Assert.True(group.Paths[0].Device.IsUsable);
        Assert.Equal(Mega / 512, group.Disk.CapacitySectors);
        await Eventually.TrueAsync(() => !maker.Disks.Single().LostAttempts.IsEmpty, "the attempt");
        maker.Disks.Single().LostAttempts.Single().Complete(BlockStatus.Ok);
        Assert.Equal(BlockStatus.Ok, await write);
    }

    private static async Task<(int Ok, int Refused)> WriteUntilAsync(MpathDisk disk, int seed, CancellationToken stop)
    {
        var random = new Random(seed);
        (int ok, int refused) = (0, 0);
        while (!stop.IsCancellationRequested || ok == 0 || refused == 0)
        {
            int offset = random.Next(4 * Mega / 512) * 512;
            BlockStatus status = await WriteAsync(disk, offset, (byte)seed);
            Assert.True(status == BlockStatus.Ok || (status == BlockStatus.IoError && offset >= Mega), $"{status} at {offset}");
            ok += status == BlockStatus.Ok ? 1 : 0;
            refused += status == BlockStatus.Ok ? 0 : 1;
        }

        return (ok, refused);
    }

    private static async Task<BlockStatus> WriteAsync(MpathDisk disk, long offset, byte value)
    {
        byte[] block = new byte[512];
        block.AsSpan().Fill(value);
        using var bio = Bio.Rent(BioOp.Write, offset / 512, block);
        return await disk.SubmitAsync(bio).AsTask().WaitAsync(Eventually.Limit);
    }

    private static ControlRequest Resize(long size) => new() { Verb = ControlVerbs.Resize, Size = size };
}
