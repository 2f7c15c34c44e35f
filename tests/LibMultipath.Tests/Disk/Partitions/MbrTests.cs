using LibMultipath.Disk.Partitions;

namespace LibMultipath.Tests.Disk.Partitions;

public sealed class MbrTests
{
    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(65536)]
    public void Primary_partitions_count_in_blocks_and_are_told_in_sectors(int blockSize)
    {
        DiskImage disk = new DiskImage(blockSize, 100)
            .WithSlot(0, 0, 0x83, 1, 10, boot: 0x80)
            .WithSlot(0, 3, 0x82, 50, 50);

        PartitionTable table = disk.Read();

        int sectors = blockSize / 512;
        Assert.Equal(PartitionTableKind.Mbr, table.Kind);
        Assert.Equal(
        [
            new PartitionEntry(1, sectors, 10 * sectors) { MbrType = 0x83, IsBootable = true },
            new PartitionEntry(4, 50 * sectors, 50 * sectors) { MbrType = 0x82 },
        ], table.Partitions);
    }

    [Fact]
    public void Logical_partitions_are_followed_along_their_chain()
    {
        DiskImage disk = new DiskImage(512, 1000)
            .WithSlot(0, 0, 0x83, 1, 99)
            .WithSlot(0, 1, 0x05, 100, 500)
            .WithSlot(100, 0, 0x83, 1, 99)
            .WithSlot(100, 1, 0x05, 100, 100)
            .WithSlot(200, 0, 0x82, 10, 50)
            .WithSlot(200, 1, 0x0F, 300, 100)
            .WithSlot(400, 0, 0x8E, 1, 99);

        PartitionTable table = disk.Read();

        Assert.Equal(
        [
            new PartitionEntry(1, 1, 99) { MbrType = 0x83 },
            new PartitionEntry(2, 100, 2) { MbrType = 0x05, IsExtended = true },
            new PartitionEntry(5, 101, 99) { MbrType = 0x83 },
            new PartitionEntry(6, 210, 50) { MbrType = 0x82 },
            new PartitionEntry(7, 401, 99) { MbrType = 0x8E },
        ], table.Partitions);
    }

    [Fact]
    public void Logical_partitions_on_large_blocks_count_in_blocks()
    {
        DiskImage disk = new DiskImage(4096, 100)
            .WithSlot(0, 0, 0x0F, 10, 50)
            .WithSlot(10, 0, 0x83, 1, 9)
            .WithSlot(10, 1, 0x05, 20, 10)
            .WithSlot(30, 0, 0x83, 2, 8);

        Assert.Equal([(1, 80L, 8L), (5, 88, 72), (6, 256, 64)], Places(disk.Read()));
    }

    [Fact]
    public void A_chain_that_runs_in_a_circle_ends()
    {
        DiskImage disk = new DiskImage(512, 1000)
            .WithSlot(0, 0, 0x05, 100, 500)
            .WithSlot(100, 0, 0x83, 1, 9)
            .WithSlot(100, 1, 0x05, 100, 100)
            .WithSlot(200, 0, 0x83, 1, 9)
            .WithSlot(200, 1, 0x05, 0, 100);

        Assert.Equal([(1, 100L, 2L), (5, 101, 9), (6, 201, 9)], Places(disk.Read()));
        Assert.Equal(3, disk.Reads);
    }

    [Fact]
    public void A_chain_of_empty_records_is_given_up()
    {
        DiskImage disk = new DiskImage(512, 1000).WithSlot(0, 0, 0x05, 1, 999);
        for (uint i = 0; i < 900; i++)
        {
            disk.WithSlot(1 + i, 1, 0x05, i + 1, 1);
        }

        disk.WithSlot(901, 0, 0x83, 1, 1);

        Assert.Equal([1], disk.Read().Partitions.Select(p => p.Number));
        Assert.InRange(disk.Reads, 2, 102);
    }

    [Fact]
    public void No_more_partitions_are_listed_than_there_are_numbers()
    {
        DiskImage disk = new DiskImage(512, 2000).WithSlot(0, 0, 0x05, 1, 1999);
        for (uint i = 0; i < 900; i++)
        {
            disk.WithSlot(1 + (2 * i), 0, 0x83, 1, 1).WithSlot(1 + (2 * i), 1, 0x05, 2 * (i + 1), 2);
        }

        IReadOnlyList<PartitionEntry> partitions = disk.Read().Partitions;

        Assert.Equal(252, partitions.Count);
        Assert.Equal(PartitionTable.MaxPartitions, partitions[^1].Number);
    }

    [Fact]
    public void A_link_that_leaves_the_disk_ends_the_chain()
    {
        DiskImage disk = new DiskImage(512, 300)
            .WithSlot(0, 0, 0x05, 100, 200)
            .WithSlot(100, 0, 0x83, 1, 9)
            .WithSlot(100, 1, 0x05, uint.MaxValue, 1);

        Assert.Equal([1, 5], disk.Read().Partitions.Select(p => p.Number));
    }

    [Fact]
    public void The_last_two_entries_of_a_record_are_believed_only_inside_of_it()
    {
        DiskImage disk = new DiskImage(512, 1000)
            .WithSlot(0, 0, 0x05, 100, 200)
            .WithSlot(100, 0, 0x83, 1, 9)
            .WithSlot(100, 2, 0x83, 150, 100)
            .WithSlot(100, 3, 0x83, 20, 30);

        Assert.Equal([(1, 100L, 2L), (5, 101, 9), (6, 120, 30)], Places(disk.Read()));
    }

    [Fact]
    public void A_logical_partition_that_is_left_out_keeps_its_number()
    {
        DiskImage disk = new DiskImage(512, 400)
            .WithSlot(0, 0, 0x05, 100, 300)
            .WithSlot(100, 0, 0x83, 1, 5000)
            .WithSlot(100, 1, 0x05, 100, 100)
            .WithSlot(200, 0, 0x83, 1, 9);

        Assert.Equal([(1, 100L, 2L), (6, 201, 9)], Places(disk.Read()));
    }

    [Theory]
    [InlineData(100, 1, false)]
    [InlineData(99, 2, false)]
    [InlineData(uint.MaxValue, uint.MaxValue, false)]
    [InlineData(50, 0, false)]
    [InlineData(99, 1, true)]
    [InlineData(0, 100, true)]
    public void A_partition_is_listed_only_if_all_of_it_is_on_the_disk(uint start, uint count, bool listed)
    {
        DiskImage disk = new DiskImage(512, 100).WithSlot(0, 0, 0x83, start, count);

        PartitionTable table = disk.Read();

        Assert.Equal(PartitionTableKind.Mbr, table.Kind);
        Assert.Equal(listed ? 1 : 0, table.Partitions.Count);
    }

    [Fact]
    public void Overlapping_partitions_are_listed_as_they_are()
    {
        DiskImage disk = new DiskImage(512, 100).WithSlot(0, 0, 0x83, 1, 50).WithSlot(0, 1, 0x83, 10, 20);

        Assert.Equal([(1, 1L, 50L), (2, 10, 20)], Places(disk.Read()));
    }

    [Fact]
    public void A_boot_sector_of_a_file_system_is_no_table()
    {
        DiskImage disk = new DiskImage(512, 100).WithSlot(0, 0, 0x83, 1, 50).WithSlot(0, 2, 0x65, 1, 50, boot: (byte)'o');

        Assert.Same(PartitionTable.None, disk.Read());
    }

    [Fact]
    public void Without_the_signature_there_is_no_table()
    {
        DiskImage disk = new DiskImage(512, 100).WithSlot(0, 0, 0x83, 1, 50);
        disk.Block(0)[510] = 0;

        Assert.Same(PartitionTable.None, disk.Read());
    }

    [Theory]
    [InlineData(512, 0)]
    [InlineData(4096, 7)]
    public void A_disk_shorter_than_a_block_has_no_table_and_is_not_read(int blockSize, long capacity)
    {
        SectorReader never = (_, _, _) => throw new InvalidOperationException("Nothing is there to read.");

        Assert.Same(PartitionTable.None, DiskImage.Wait(PartitionTable.ReadAsync(never, blockSize, capacity)));
    }

    [Fact]
    public void What_is_no_disk_is_refused()
    {
        SectorReader read = (_, _, _) => ValueTask.CompletedTask;

        Assert.Throws<ArgumentNullException>(() => { _ = PartitionTable.ReadAsync(null!, 512, 100); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = PartitionTable.ReadAsync(read, 0, 100); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = PartitionTable.ReadAsync(read, 1000, 100); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = PartitionTable.ReadAsync(read, 131072, 100); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = PartitionTable.ReadAsync(read, 512, -1); });
    }

    [Fact]
    public async Task What_the_reader_throws_comes_out_as_it_is()
    {
        SectorReader broken = (_, _, token) => token.IsCancellationRequested
            ? ValueTask.FromCanceled(token)
            : ValueTask.FromException(new IOException("broken"));

        await Assert.ThrowsAsync<IOException>(async () => await PartitionTable.ReadAsync(broken, 512, 100));
        await Assert.ThrowsAsync<TaskCanceledException>(
            async () => await PartitionTable.ReadAsync(broken, 512, 100, new CancellationToken(canceled: true)));
    }

    private static IEnumerable<(int, long, long)> Places(PartitionTable table) =>
        table.Partitions.Select(p => (p.Number, p.StartSector, p.SectorCount));
}
