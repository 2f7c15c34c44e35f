using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Tests.Disk.Partitions;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk;

/// <summary>The partitions of a head disk, read through its paths.</summary>
public sealed class DiskPartitionTests
{
    private static readonly DiskImage s_image = new DiskImage(512, 2048).WithGpt(partitions: [(100, 199, "one"), (300, 1299, "two")]);

    [Fact]
    public async Task The_table_is_read_when_the_disk_is_live_and_not_before()
    {
        using Rig rig = WithImage(MpathAccessState.Other, scan: true);
        Assert.False(rig.Disk.IsLive);
        Assert.Empty(rig.Picks);
        BlockException refusal = await Assert.ThrowsAsync<BlockException>(() => rig.Disk.RescanPartitionsAsync());
        Assert.Equal(Errno.ENXIO, refusal.Errno);

        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        Assert.Empty(rig.Disk.Partitions);
        rig.Work.RunAll();
        await Eventually.TrueAsync(() => rig.Disk.Partitions.Count > 0, "the partitions");

        Assert.Equal(["headp1 100 100", "headp2 300 1000"], rig.Disk.Partitions.Select(part => $"{part.Name} {part.StartSector} {part.CapacitySectors}"));
        Assert.All(rig.Disk.Partitions, part => Assert.True(part.IsHeadDisk));
        Assert.All(rig.Disk.Partitions, part => Assert.Same(rig.Disk, part.Whole));
    }

    [Fact]
    public async Task Io_to_a_partition_lands_on_the_whole_disk_and_the_bio_keeps_its_sector()
    {
        using Rig rig = WithImage();
        await rig.Disk.RescanPartitionsAsync();
        PartitionDisk part = rig.Disk.Partitions[1];
        rig[0].Hold = true;

        Io io = rig.Submit(disk: part, sector: 7);

        BioAttempt attempt = rig[0].Take();
        Assert.Equal(307, attempt.Bio.Sector);
        attempt.FailPath(BlockStatus.Transport);
        rig.Work.RunAll();
        io.AssertEnded(BlockStatus.Transport);
        Assert.Equal(7, io.Bio.Sector);

        rig.Submit(disk: part, sector: 999);
        Assert.Equal(1299, rig[0].Held[0].Bio.Sector);
        rig[0].Take().Complete(BlockStatus.Ok);
        rig.Submit(disk: part, sector: 1000).AssertEnded(BlockStatus.IoError);
        Assert.Empty(rig[0].Held);
    }

    [Fact]
    public async Task A_large_bio_to_a_partition_is_split_and_lands_in_one_piece()
    {
        QueueLimits limits = new() { MaxSectors = 8 };
        using Rig rig = WithImage(limits: limits);
        await rig.Disk.RescanPartitionsAsync();
        rig[0].Hold = true;
        Io io = new(Bio.Rent(BioOp.Read, 10, new byte[20 * 512]));

        rig.Disk.Partitions[0].Submit(io.Bio);

        Assert.Equal([(110L, 4096L), (118L, 4096L), (126L, 2048L)], rig[0].Held.Select(attempt => (attempt.Bio.Sector, attempt.Bio.Size)));
        while (rig[0].Held.Count > 0)
        {
            rig[0].Take().Complete(BlockStatus.Ok);
        }

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(10, io.Bio.Sector);
    }

    [Fact]
    public async Task A_bio_to_a_partition_waits_for_a_path_and_can_be_cancelled()
    {
        using Rig rig = WithImage();
        await rig.Disk.RescanPartitionsAsync();
        PartitionDisk part = rig.Disk.Partitions[0];
        rig.LoseAll();
        Io waits = rig.Submit(disk: part, sector: 1);
        using Bio bio = Bio.Rent(BioOp.Read, 2, new byte[512]);
        using CancellationTokenSource source = new();
        ValueTask<BlockStatus> task = part.SubmitAsync(bio, source.Token);
        Assert.Equal(2, rig.Disk.WaitingCount);

        source.Cancel();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await task);
        Assert.Equal(2, bio.Sector);

        rig.Disk.Remove();
        waits.AssertEnded(BlockStatus.IoError);
        Assert.Equal(1, waits.Bio.Sector);
        rig.Submit(disk: part).AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public async Task A_rescan_sees_a_new_table()
    {
        using Rig rig = WithImage();
        await rig.Disk.RescanPartitionsAsync();
        DiskImage other = new DiskImage(512, 2048).WithGpt(partitions: [(64, 127, "only")]);
        rig[0].OnSubmit = attempt => Serve(attempt, other);

        await rig.Disk.RescanPartitionsAsync();

        Assert.Equal(64, Assert.Single(rig.Disk.Partitions).StartSector);
    }

    [Fact]
    public async Task A_scan_that_cannot_read_leaves_the_partitions_as_they_were()
    {
        using Rig rig = WithImage();
        await rig.Disk.RescanPartitionsAsync();
        rig[0].OnSubmit = attempt => attempt.Complete(BlockStatus.Medium);

        await Assert.ThrowsAsync<BlockException>(() => rig.Disk.RescanPartitionsAsync());

        Assert.Equal(2, rig.Disk.Partitions.Count);
    }

    [Fact]
    public async Task F25_the_last_put_waits_for_the_scan()
    {
        Rig rig = WithImage();
        rig[0].Hold = true;
        Task scan = rig.Disk.RescanPartitionsAsync();
        await Eventually.TrueAsync(() => rig[0].Held.Count > 0, "the scan's first read");

        Task disposal = Task.Run(rig.Disk.Dispose);
        await Eventually.TrueAsync(() => rig[0].Aborts > 0, "the scan to be cancelled");
        Assert.False(disposal.IsCompleted);
        rig[0].Take().FailPath(BlockStatus.Transport);

        await disposal;
        await Assert.ThrowsAnyAsync<Exception>(() => scan);
        Assert.True(scan.IsCompleted);
        rig.Dispose();
    }

    private static Rig WithImage(MpathAccessState state = MpathAccessState.Optimized, QueueLimits? limits = null, bool scan = false)
    {
        Rig rig = new(0, options: new MpathDiskOptions { ScanPartitions = scan });
        MpathDevice path = rig.NewPath(state, limits: limits);
        ((TestDisk)path.Disk).OnSubmit = attempt => Serve(attempt, s_image);
        rig.Head.Add(path);
        path.SetLive();
        return rig;
    }

    private static void Serve(BioAttempt attempt, DiskImage image)
    {
        long offset = attempt.Bio.Sector * 512;
        foreach (BioSegment segment in attempt.Bio.Segments)
        {
            image.Bytes.AsSpan((int)offset, segment.Length).CopyTo(segment.Span);
            offset += segment.Length;
        }

        attempt.Complete(BlockStatus.Ok);
    }
}
