using System.Buffers.Binary;
using LibMultipath.Disk.Partitions;

namespace LibMultipath.Tests.Disk.Partitions;

public sealed class GptTests
{
    private const int Alternate = 32;
    private const int FirstUsable = 40;
    private const int LastUsable = 48;
    private const int EntriesBlock = 72;
    private const int EntryCount = 80;
    private const int EntrySize = 84;

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(65536)]
    public void Partitions_count_in_blocks_and_are_told_in_sectors(int blockSize)
    {
        DiskImage disk = new DiskImage(blockSize, 200).WithGpt(partitions: [(40, 99, "root"), (100, 100, "")]);

        PartitionTable table = disk.Read();

        int sectors = blockSize / 512;
        Assert.Equal(PartitionTableKind.Gpt, table.Kind);
        Assert.False(table.FromBackup);
        Assert.Equal(new Guid("11112222-3333-4444-5555-666677778888"), table.DiskGuid);
        Assert.Equal([(1, 40L * sectors, 60L * sectors, "root"), (2, 100 * sectors, sectors, "")],
            table.Partitions.Select(p => (p.Number, p.StartSector, p.SectorCount, p.Name)));
        Assert.All(table.Partitions, p => Assert.Equal(DiskImage.LinuxData, p.TypeGuid));
        Assert.Equal(new Guid(40, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), table.Partitions[0].UniqueGuid);
        Assert.Null(table.Partitions[0].MbrType);
    }

    [Fact]
    public void Attributes_and_names_are_read_whole()
    {
        DiskImage disk = new DiskImage(512, 200).WithGpt();
        string name = new('ü', 36);
        DiskImage.WriteEntry(disk.Block(2)[128..], 50, 60, name, attributes: 0x8000_0000_0000_0004);
        disk.SealEntries(1);

        PartitionEntry entry = Assert.Single(disk.Read().Partitions);

        Assert.Equal(2, entry.Number);
        Assert.Equal(name, entry.Name);
        Assert.Equal(0x8000_0000_0000_0004, entry.Attributes);
        Assert.True(entry.IsBootable);
    }

    [Theory]
    [InlineData(50, 49)]
    [InlineData(50, 200)]
    [InlineData(200, 200)]
    [InlineData(50, ulong.MaxValue)]
    [InlineData(ulong.MaxValue, ulong.MaxValue)]
    [InlineData(0x8000_0000_0000_0000, 60)]
    public void An_entry_that_is_not_all_on_the_disk_is_left_out(ulong first, ulong last)
    {
        DiskImage disk = new DiskImage(512, 200).WithGpt(partitions: [(first, last, "bad"), (60, 70, "good")]);

        PartitionEntry entry = Assert.Single(disk.Read().Partitions);

        Assert.Equal("good", entry.Name);
        Assert.Equal(2, entry.Number);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(4096)]
    public void Larger_entries_are_read_too(int size)
    {
        DiskImage disk = new DiskImage(512, 400).WithGpt(8, size, (90, 99, "one"), (100, 199, "two"));

        Assert.Equal(["one", "two"], disk.Read().Partitions.Select(p => p.Name));
    }

    [Fact]
    public void Many_entries_are_all_checked_and_only_the_first_are_listed()
    {
        (ulong, ulong, string)[] partitions = [.. Enumerable.Range(0, 1000).Select(i => (600UL, 600UL, $"p{i}"))];
        DiskImage disk = new DiskImage(512, 2000).WithGpt(1000, 128, partitions);

        IReadOnlyList<PartitionEntry> listed = disk.Read().Partitions;

        Assert.Equal(PartitionTable.MaxPartitions, listed.Count);
        Assert.Equal(Enumerable.Range(1, PartitionTable.MaxPartitions), listed.Select(p => p.Number));
        Assert.Equal("p254", listed[^1].Name);

        disk.Bytes[(2 * 512) + (999 * 128)] ^= 1;
        Assert.True(disk.Read().FromBackup);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(60)]
    public void A_damaged_header_is_replaced_by_the_one_in_the_last_block(int offset)
    {
        DiskImage disk = new DiskImage(512, 200).WithGpt(partitions: [(50, 60, "saved")]);
        disk.Block(1)[offset] ^= 0x10;

        PartitionTable table = disk.Read();

        Assert.True(table.FromBackup);
        Assert.Equal("saved", Assert.Single(table.Partitions).Name);
    }

    [Fact]
    public void Damaged_entries_are_replaced_by_those_of_the_alternate_header()
    {
        // The disk has grown: the last block is empty, and only the primary header knows where the backup is.
        DiskImage small = new DiskImage(512, 200).WithGpt(partitions: [(50, 60, "saved")]);
        DiskImage grown = new(512, 300);
        small.Bytes.CopyTo(grown.Bytes, 0);
        grown.Block(2)[40] ^= 1;

        PartitionTable table = grown.Read();

        Assert.True(table.FromBackup);
        Assert.Equal("saved", Assert.Single(table.Partitions).Name);
    }

    [Fact]
    public void A_grown_disk_is_still_read_from_its_primary()
    {
        DiskImage small = new DiskImage(512, 200).WithGpt(partitions: [(50, 60, "kept")]);
        DiskImage grown = new(512, 300);
        small.Bytes.CopyTo(grown.Bytes, 0);

        Assert.False(grown.Read().FromBackup);
        Assert.Equal("kept", Assert.Single(grown.Read().Partitions).Name);
    }

    [Fact]
    public void An_alternate_that_points_nowhere_leaves_the_last_block()
    {
        foreach (ulong alternate in new ulong[] { 0, 1, 200, ulong.MaxValue })
        {
            DiskImage disk = new DiskImage(512, 200).WithGpt(partitions: [(50, 60, "saved")]);
            BinaryPrimitives.WriteUInt64LittleEndian(disk.Block(1)[Alternate..], alternate);
            disk.SealHeader(1);
            disk.Block(2)[40] ^= 1;

            Assert.True(disk.Read().FromBackup);
        }
    }

    [Fact]
    public void Without_a_sound_copy_there_is_no_table_even_if_the_record_lists_other_partitions()
    {
        DiskImage disk = new DiskImage(512, 200).WithGpt(partitions: [(50, 60, "lost")]);
        disk.WithSlot(0, 1, 0x83, 50, 10);
        disk.Block(1)[60] ^= 1;
        disk.Block(199)[60] ^= 1;

        Assert.Same(PartitionTable.None, disk.Read());
    }

    [Fact]
    public void A_hybrid_record_gives_way_to_the_table()
    {
        DiskImage disk = new DiskImage(512, 200).WithGpt(partitions: [(50, 60, "gpt")]);
        disk.WithSlot(0, 1, 0x83, 100, 10);

        Assert.Equal("gpt", Assert.Single(disk.Read().Partitions).Name);
    }

    [Fact]
    public void Without_a_protective_record_the_table_is_not_looked_for()
    {
        DiskImage disk = new DiskImage(512, 200).WithGpt(partitions: [(50, 60, "hidden")]);
        disk.WithSlot(0, 0, 0x83, 100, 10);

        Assert.Equal(PartitionTableKind.Mbr, disk.Read().Kind);

        disk.WithSlot(0, 0, 0xEE, 2, 10);

        Assert.Same(PartitionTable.None, disk.Read());
    }

    [Theory]
    [InlineData(FirstUsable, 300UL)]
    [InlineData(LastUsable, 200UL)]
    [InlineData(LastUsable, ulong.MaxValue)]
    [InlineData(EntriesBlock, 0UL)]
    [InlineData(EntriesBlock, 169UL)]
    [InlineData(EntriesBlock, 200UL)]
    [InlineData(EntriesBlock, 0x7FFF_FFFF_FFFF_FFFFUL)]
    [InlineData(EntriesBlock, ulong.MaxValue)]
    public void A_header_with_an_address_off_the_disk_is_not_believed(int field, ulong value)
    {
        DiskImage disk = new DiskImage(512, 200).WithGpt(partitions: [(50, 60, "saved")]);
        BinaryPrimitives.WriteUInt64LittleEndian(disk.Block(1)[field..], value);
        disk.SealHeader(1);

        Assert.True(disk.Read().FromBackup);
    }

    [Theory]
    [InlineData(12, 91)]
    [InlineData(12, 513)]
    [InlineData(12, -1)]
    [InlineData(EntryCount, 0)]
    [InlineData(EntryCount, int.MaxValue)]
    [InlineData(EntryCount, -1)]
    [InlineData(EntryCount, 32769)]
    [InlineData(EntrySize, 0)]
    [InlineData(EntrySize, 64)]
    [InlineData(EntrySize, 192)]
    [InlineData(EntrySize, 8192)]
    [InlineData(EntrySize, -128)]
    public void A_header_with_a_size_out_of_bounds_is_not_believed(int field, int value)
    {
        DiskImage disk = new DiskImage(512, 200).WithGpt(partitions: [(50, 60, "saved")]);
        BinaryPrimitives.WriteInt32LittleEndian(disk.Block(1)[field..], value);
        disk.SealHeader(1);

        Assert.True(disk.Read().FromBackup);
    }

    [Fact]
    public void The_checksum_is_that_of_the_standard()
    {
        Crc32 crc = new();
        crc.Append("1234"u8);
        crc.Append("56789"u8);

        Assert.Equal(0xCBF43926, crc.Value);
    }
}
