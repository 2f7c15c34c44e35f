using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

public sealed class RefusalTests
{
    private const long Capacity = 1024;

    private static readonly QueueLimits s_block4096 = new() { LogicalBlockSize = 4096 };
    private static readonly QueueLimits s_allOps = new()
    {
        MaxDiscardSectors = 64,
        MaxWriteZeroesSectors = 64,
        MaxSecureEraseSectors = 64,
    };

    public static TheoryData<BioOp, long, long> Unplaceable => new()
    {
        { BioOp.Read, Capacity, 512 },
        { BioOp.Write, Capacity, 512 },
        { BioOp.Read, Capacity - 1, 1024 },
        { BioOp.Read, 0, (Capacity + 1) * 512 },
        { BioOp.Read, -1, 512 },
        { BioOp.Read, long.MinValue, 512 },
        { BioOp.Read, long.MaxValue, 512 },
        { BioOp.Write, long.MaxValue - 1, 1024 },
        { BioOp.Read, long.MaxValue / 512, 512 },
        { BioOp.Discard, Capacity, 512 },
        { BioOp.Discard, 0, (Capacity + 1) * 512 },
        { BioOp.Discard, 0, long.MaxValue },
        { BioOp.Discard, long.MaxValue, long.MaxValue },
        { BioOp.Discard, Capacity, long.MaxValue - 511 },
        { BioOp.WriteZeroes, 0, long.MaxValue - 511 },
        { BioOp.WriteZeroes, -8, 4096 },
        { BioOp.SecureErase, long.MaxValue, 512 },
    };

    [Theory]
    [MemberData(nameof(Unplaceable))]
    public async Task What_is_not_on_the_disk_is_an_io_error(BioOp op, long sector, long size)
    {
        TestDisk disk = TestDisk.Inline(s_allOps, capacitySectors: Capacity);
        using Bio bio = NewBio(op, sector, size);

        Assert.Equal(BlockStatus.IoError, await disk.SubmitAsync(bio));
        Assert.Equal(sector, bio.Sector);
        Assert.Equal(size, bio.Size);
        Assert.Empty(disk.Seen);
    }

    [Theory]
    [InlineData(0, Capacity)]
    [InlineData(Capacity - 1, 1)]
    [InlineData(Capacity - 8, 8)]
    public async Task What_ends_where_the_disk_ends_is_on_the_disk(long sector, long sectors)
    {
        TestDisk disk = TestDisk.Inline(capacitySectors: Capacity);
        using Bio bio = NewBio(BioOp.Read, sector, sectors * 512);

        Assert.Equal(BlockStatus.Ok, await disk.SubmitAsync(bio));
    }

    [Fact]
    public async Task An_empty_disk_takes_nothing_but_flushes()
    {
        TestDisk disk = TestDisk.Inline(s_allOps, capacitySectors: 0);
        using Bio read = NewBio(BioOp.Read, 0, 512);
        using Bio discard = NewBio(BioOp.Discard, 0, 512);
        using Bio flush = NewBio(BioOp.Flush, 0, 0);

        Assert.Equal(BlockStatus.IoError, await disk.SubmitAsync(read));
        Assert.Equal(BlockStatus.IoError, await disk.SubmitAsync(discard));
        Assert.Equal(BlockStatus.Ok, await disk.SubmitAsync(flush));
        Assert.Empty(disk.Seen);
    }

    [Fact]
    public async Task The_largest_disk_takes_its_last_sector_and_refuses_the_one_after()
    {
        const long last = (long.MaxValue >> 9) - 1;
        TestDisk disk = TestDisk.Inline(s_allOps, capacitySectors: last + 1);
        using Bio read = NewBio(BioOp.Read, last, 512);
        using Bio past = NewBio(BioOp.Read, last + 1, 512);
        using Bio across = NewBio(BioOp.Discard, last, 1024);

        Assert.Equal(BlockStatus.Ok, await disk.SubmitAsync(read));
        Assert.Equal(BlockStatus.IoError, await disk.SubmitAsync(past));
        Assert.Equal(BlockStatus.IoError, await disk.SubmitAsync(across));
        Assert.Equal(last, Assert.Single(disk.Seen).Sector);
    }

    [Theory]
    [InlineData(BioOp.Read, 0, 512)]
    [InlineData(BioOp.Read, 0, 4097)]
    [InlineData(BioOp.Read, 0, 1)]
    [InlineData(BioOp.Write, 1, 4096)]
    [InlineData(BioOp.Write, 7, 8192)]
    [InlineData(BioOp.Discard, 0, 512)]
    [InlineData(BioOp.Discard, 4, 4096)]
    public async Task What_is_no_whole_block_is_invalid(BioOp op, long sector, int size)
    {
        TestDisk disk = TestDisk.Inline(s_block4096 with { MaxDiscardSectors = 64 }, capacitySectors: Capacity);
        using Bio bio = NewBio(op, sector, size);

        Assert.Equal(BlockStatus.Invalid, await disk.SubmitAsync(bio));
        Assert.Empty(disk.Seen);
    }

    [Theory]
    [InlineData(BioOp.Read, BioFlags.None)]
    [InlineData(BioOp.Write, BioFlags.None)]
    [InlineData(BioOp.Write, BioFlags.Fua)]
    [InlineData(BioOp.Discard, BioFlags.None)]
    [InlineData(BioOp.WriteZeroes, BioFlags.None)]
    public async Task An_empty_bio_that_is_no_flush_is_invalid(BioOp op, BioFlags flags)
    {
        TestDisk disk = TestDisk.Inline(s_allOps);
        using Bio bio = Bio.Rent(op, 0, flags: flags);

        Assert.Equal(BlockStatus.Invalid, await disk.SubmitAsync(bio));
        Assert.Empty(disk.Seen);
    }

    [Fact]
    public async Task A_bio_of_empty_segments_is_invalid()
    {
        TestDisk disk = TestDisk.Inline();
        using Bio bio = Bio.Rent(BioOp.Read, 0, Memory<byte>.Empty);
        bio.AddSegment(Memory<byte>.Empty);

        Assert.Equal(BlockStatus.Invalid, await disk.SubmitAsync(bio));
    }

    [Theory]
    [InlineData(BioOp.Read)]
    [InlineData(BioOp.Write)]
    public async Task A_transfer_that_has_a_size_but_no_memory_is_invalid(BioOp op)
    {
        TestDisk disk = TestDisk.Inline();
        using Bio bio = Bio.Rent(op, 0, 4096);

        Assert.Equal(BlockStatus.Invalid, await disk.SubmitAsync(bio));
        Assert.Empty(disk.Seen);
    }

    [Theory]
    [InlineData(BioOp.Discard)]
    [InlineData(BioOp.WriteZeroes)]
    [InlineData(BioOp.SecureErase)]
    [InlineData(BioOp.Flush)]
    public async Task An_operation_that_moves_no_data_must_not_have_memory(BioOp op)
    {
        TestDisk disk = TestDisk.Inline(s_allOps);
        using Bio bio = Bio.Rent(op, 0, new byte[512]);

        Assert.Equal(BlockStatus.Invalid, await disk.SubmitAsync(bio));
        Assert.Empty(disk.Seen);
    }

    [Fact]
    public async Task A_flush_covers_no_sectors()
    {
        TestDisk disk = TestDisk.Inline();
        using Bio bio = Bio.Rent(BioOp.Flush, 0, 512);

        Assert.Equal(BlockStatus.Invalid, await disk.SubmitAsync(bio));
    }

    [Theory]
    [InlineData(BioOp.Read, BioFlags.Fua)]
    [InlineData(BioOp.Read, BioFlags.PreFlush)]
    [InlineData(BioOp.Discard, BioFlags.Fua)]
    [InlineData(BioOp.Flush, BioFlags.PreFlush)]
    public async Task Only_writes_can_be_durable_or_flush_first(BioOp op, BioFlags flags)
    {
        TestDisk disk = TestDisk.Inline(s_allOps);
        using Bio bio = NewBio(op, 0, op == BioOp.Flush ? 0 : 512);
        bio.Flags = flags;

        Assert.Equal(BlockStatus.Invalid, await disk.SubmitAsync(bio));
        Assert.Equal(flags, bio.Flags);
        Assert.Empty(disk.Seen);
    }

    [Theory]
    [InlineData(0, 4096, BlockStatus.Ok)]
    [InlineData(512, 512, BlockStatus.Ok)]
    [InlineData(8, 512, BlockStatus.Invalid)]
    [InlineData(511, 1024, BlockStatus.Invalid)]
    public async Task Memory_must_be_as_aligned_as_the_driver_says(int offset, int length, BlockStatus status)
    {
        byte[] memory = GC.AllocateArray<byte>(16384, pinned: true);
        int aligned = AlignedStart(memory, 512);
        TestDisk disk = TestDisk.Inline(new QueueLimits { DmaAlignment = 511 });
        using Bio bio = Bio.Rent(BioOp.Write, 0, memory.AsMemory(aligned + offset, length));

        Assert.Equal(status, await disk.SubmitAsync(bio));
        Assert.Equal(status == BlockStatus.Ok ? 1 : 0, disk.Seen.Length);
    }

    [Fact]
    public async Task Every_segment_must_be_a_multiple_of_the_alignment_long()
    {
        byte[] memory = GC.AllocateArray<byte>(16384, pinned: true);
        int aligned = AlignedStart(memory, 512);
        TestDisk disk = TestDisk.Inline(new QueueLimits { DmaAlignment = 511 });
        using Bio bio = Bio.Rent(BioOp.Write, 0, memory.AsMemory(aligned, 256));
        bio.AddSegment(memory.AsMemory(aligned + 1024, 256));

        Assert.Equal(BlockStatus.Invalid, await disk.SubmitAsync(bio));
    }

    [Theory]
    [InlineData(BioOp.Write)]
    [InlineData(BioOp.Discard)]
    [InlineData(BioOp.WriteZeroes)]
    [InlineData(BioOp.SecureErase)]
    [InlineData(BioOp.ZoneReset)]
    public async Task A_read_only_disk_refuses_what_changes_it(BioOp op)
    {
        TestDisk disk = TestDisk.Inline(s_allOps, readOnly: true);
        using Bio bio = NewBio(op, 0, 512);

        Assert.Equal(BlockStatus.IoError, await disk.SubmitAsync(bio));
        Assert.Empty(disk.Seen);
    }

    [Fact]
    public async Task A_read_only_disk_takes_reads_and_flushes()
    {
        TestDisk disk = TestDisk.Inline(new QueueLimits { Features = QueueFeatures.WriteCache }, readOnly: true);
        using Bio read = NewBio(BioOp.Read, 0, 512);
        using Bio flush = Bio.Rent(BioOp.Flush);
        using Bio emptyWrite = Bio.Rent(BioOp.Write, flags: BioFlags.PreFlush);

        Assert.Equal(BlockStatus.Ok, await disk.SubmitAsync(read));
        Assert.Equal(BlockStatus.Ok, await disk.SubmitAsync(flush));
        Assert.Equal(BlockStatus.Ok, await disk.SubmitAsync(emptyWrite));
        Assert.Equal([BioOp.Read, BioOp.Flush, BioOp.Flush], disk.Seen.Select(seen => seen.Op));
    }

    [Theory]
    [InlineData(BioOp.Discard)]
    [InlineData(BioOp.WriteZeroes)]
    [InlineData(BioOp.SecureErase)]
    [InlineData(BioOp.ZoneAppend)]
    [InlineData(BioOp.ZoneOpen)]
    [InlineData(BioOp.ZoneClose)]
    [InlineData(BioOp.ZoneFinish)]
    [InlineData(BioOp.ZoneReset)]
    [InlineData(BioOp.ZoneResetAll)]
    [InlineData((BioOp)4)]
    [InlineData((BioOp)255)]
    public async Task What_the_disk_cannot_do_is_not_supported(BioOp op)
    {
        TestDisk disk = TestDisk.Inline();
        using Bio without = NewBio(op, 0, 512);
        using Bio with = Bio.Rent(op, 0, new byte[512]);

        Assert.Equal(BlockStatus.NotSupported, await disk.SubmitAsync(without));
        Assert.Equal(BlockStatus.NotSupported, await disk.SubmitAsync(with));
        Assert.Empty(disk.Seen);
    }

    [Fact]
    public async Task A_disk_that_has_shrunk_refuses_what_is_past_its_new_end()
    {
        TestDisk disk = TestDisk.Inline(capacitySectors: Capacity);
        using Bio bio = NewBio(BioOp.Read, Capacity - 8, 4096);
        int changes = 0;
        disk.Changed += _ => changes++;

        Assert.Equal(BlockStatus.Ok, await disk.SubmitAsync(bio));
        disk.SetCapacity(Capacity - 8);
        disk.SetCapacity(Capacity - 8);

        Assert.Equal(1, changes);
        Assert.Equal(BlockStatus.IoError, await disk.SubmitAsync(bio));
    }

    [Theory]
    [InlineData(-8)]
    [InlineData(1)]
    [InlineData(long.MaxValue)]
    public void A_capacity_that_is_no_multiple_of_the_block_is_refused(long capacity)
    {
        Assert.Throws<ArgumentException>(() => new TestDisk(s_block4096, capacity));
        var disk = new TestDisk(s_block4096, Capacity);
        Assert.Throws<ArgumentException>(() => disk.SetCapacity(capacity));
        Assert.Equal(Capacity, disk.CapacitySectors);
    }

    private static int AlignedStart(byte[] pinned, int alignment) =>
        (int)(-new BioSegment(pinned).AddressNow & (alignment - 1));

    private static Bio NewBio(BioOp op, long sector, long size) =>
        op is BioOp.Read or BioOp.Write ? Bio.Rent(op, sector, new byte[size]) : Bio.Rent(op, sector, size);
}
