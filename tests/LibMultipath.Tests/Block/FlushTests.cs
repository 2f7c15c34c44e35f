using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

public sealed class FlushTests
{
    private static readonly QueueLimits s_cache = new() { Features = QueueFeatures.WriteCache };
    private static readonly QueueLimits s_cacheAndFua = new() { Features = QueueFeatures.WriteCache | QueueFeatures.Fua };

    [Theory]
    [InlineData(BioOp.Flush, BioFlags.None)]
    [InlineData(BioOp.Write, BioFlags.PreFlush)]
    [InlineData(BioOp.Write, BioFlags.PreFlush | BioFlags.Fua)]
    public void A_flush_of_a_disk_without_a_cache_is_done_at_once(BioOp op, BioFlags flags)
    {
        var disk = new TestDisk();
        var endings = new Endings();
        using Bio bio = endings.Watch(Bio.Rent(op, flags: flags));

        disk.Submit(bio);

        Assert.Equal(BlockStatus.Ok, endings.Only);
        Assert.Equal(flags, bio.Flags);
        Assert.Empty(disk.Seen);
    }

    [Theory]
    [InlineData(BioOp.Flush, BioFlags.None)]
    [InlineData(BioOp.Write, BioFlags.PreFlush)]
    public void A_flush_of_a_disk_with_a_cache_reaches_the_driver(BioOp op, BioFlags flags)
    {
        var disk = new TestDisk(s_cache);
        var endings = new Endings();
        using Bio bio = endings.Watch(Bio.Rent(op, flags: flags));

        disk.Submit(bio);
        Assert.Equal(0, endings.Count);
        disk.TakeHeld().Complete(BlockStatus.Medium);

        Assert.Equal(BlockStatus.Medium, endings.Only);
        Assert.Equal((BioOp.Flush, 0L, BioFlags.None), Read(Assert.Single(disk.Seen)));
    }

    [Fact]
    public void Flags_are_dropped_by_a_disk_without_a_cache_and_given_back()
    {
        var disk = new TestDisk();
        var endings = new Endings();
        const BioFlags flags = BioFlags.PreFlush | BioFlags.Fua | BioFlags.Sync;
        using Bio bio = endings.Watch(Bio.Rent(BioOp.Write, 8, new byte[512], flags));

        disk.Submit(bio);
        Assert.Equal((BioOp.Write, 512L, BioFlags.Sync), Read(Assert.Single(disk.Seen)));
        disk.TakeHeld().Complete(BlockStatus.Ok);

        Assert.Equal(BlockStatus.Ok, endings.Only);
        Assert.Equal(flags, bio.Flags);
        Assert.Equal(8, bio.Sector);
    }

    [Fact]
    public void Fua_is_passed_on_to_a_disk_that_has_it()
    {
        var disk = new TestDisk(s_cacheAndFua);
        var endings = new Endings();
        using Bio bio = endings.Watch(Bio.Rent(BioOp.Write, 0, new byte[512], BioFlags.Fua));

        disk.Submit(bio);
        disk.TakeHeld().Complete(BlockStatus.Ok);

        Assert.Equal(BlockStatus.Ok, endings.Only);
        Assert.Equal((BioOp.Write, 512L, BioFlags.Fua), Read(Assert.Single(disk.Seen)));
    }

    [Fact]
    public void Fua_is_a_flush_afterwards_on_a_disk_that_lacks_it()
    {
        var disk = new TestDisk(s_cache);
        var endings = new Endings();
        using Bio bio = endings.Watch(Bio.Rent(BioOp.Write, 24, new byte[512], BioFlags.Fua));

        disk.Submit(bio);
        Assert.Equal((BioOp.Write, 512L, BioFlags.None), Read(Assert.Single(disk.Seen)));
        disk.TakeHeld().Complete(BlockStatus.Ok);
        Assert.Equal(0, endings.Count);
        Assert.Equal((BioOp.Flush, 0L, BioFlags.None), Read(disk.Seen[1]));
        disk.TakeHeld().Complete(BlockStatus.Ok);

        Assert.Equal(BlockStatus.Ok, endings.Only);
        Assert.Equal(BioFlags.Fua, bio.Flags);
        Assert.Equal(24, bio.Sector);
    }

    [Fact]
    public void A_preflush_goes_before_the_data_and_a_postflush_after_all_parts()
    {
        var disk = new TestDisk(s_cache with { MaxSectors = 8 });
        var endings = new Endings();
        using Bio bio = endings.Watch(Bio.Rent(BioOp.Write, 0, new byte[8192], BioFlags.PreFlush | BioFlags.Fua));

        disk.Submit(bio);
        Assert.Equal([BioOp.Flush], Ops(disk));
        disk.TakeHeld().Complete(BlockStatus.Ok);
        Assert.Equal([BioOp.Flush, BioOp.Write, BioOp.Write], Ops(disk));
        BioAttempt first = disk.TakeHeld();
        disk.TakeHeld().Complete(BlockStatus.Ok);
        Assert.Equal(3, disk.Seen.Length);
        first.Complete(BlockStatus.Ok);
        Assert.Equal([BioOp.Flush, BioOp.Write, BioOp.Write, BioOp.Flush], Ops(disk));
        Assert.Equal(0, endings.Count);
        disk.TakeHeld().Complete(BlockStatus.Ok);

        Assert.Equal(BlockStatus.Ok, endings.Only);
        Assert.Equal(BioFlags.PreFlush | BioFlags.Fua, bio.Flags);
        Assert.Equal(8192, bio.Size);
    }

    [Fact]
    public void A_preflush_before_a_durable_write_leaves_fua_on_every_part()
    {
        TestDisk disk = TestDisk.Inline(s_cacheAndFua with { MaxSectors = 8 });
        var endings = new Endings();
        using Bio bio = endings.Watch(Bio.Rent(BioOp.Write, 0, new byte[8192], BioFlags.PreFlush | BioFlags.Fua));

        disk.Submit(bio);

        Assert.Equal(BlockStatus.Ok, endings.Only);
        Assert.Equal(
            [(BioOp.Flush, 0L, BioFlags.None), (BioOp.Write, 4096L, BioFlags.Fua), (BioOp.Write, 4096L, BioFlags.Fua)],
            disk.Seen.Select(Read));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    public void An_error_in_a_step_ends_the_bio_and_nothing_more_is_begun(int failing, int seen)
    {
        int step = 0;
        var disk = new TestDisk(s_cache)
        {
            OnSubmit = attempt => attempt.Complete(step++ == failing ? BlockStatus.Medium : BlockStatus.Ok),
        };
        var endings = new Endings();
        using Bio bio = endings.Watch(Bio.Rent(BioOp.Write, 0, new byte[512], BioFlags.PreFlush | BioFlags.Fua));

        disk.Submit(bio);

        Assert.Equal(BlockStatus.Medium, endings.Only);
        Assert.Equal(seen, disk.Seen.Length);
        Assert.Equal(BioFlags.PreFlush | BioFlags.Fua, bio.Flags);
    }

    [Fact]
    public void The_flushes_of_a_bio_fail_as_fast_and_wait_as_little_as_the_bio()
    {
        TestDisk disk = TestDisk.Inline(s_cache);
        const BioFlags inherited = BioFlags.FailFastTransport | BioFlags.NoWait;
        using Bio bio = new Endings().Watch(Bio.Rent(BioOp.Write, 0, new byte[512], BioFlags.PreFlush | BioFlags.Fua | inherited));

        disk.Submit(bio);

        Assert.Equal([(BioOp.Flush, inherited), (BioOp.Write, inherited), (BioOp.Flush, inherited)], disk.Seen.Select(seen => (seen.Op, seen.Flags)));
    }

    [Fact]
    public void A_bio_with_flushes_can_be_submitted_again_and_again()
    {
        TestDisk disk = TestDisk.Inline(s_cache);
        var endings = new Endings();
        using Bio bio = endings.Watch(Bio.Rent(BioOp.Write, 0, new byte[512], BioFlags.PreFlush | BioFlags.Fua));

        for (int i = 0; i < 3; i++)
        {
            disk.Submit(bio);
        }

        Assert.Equal(3, endings.Count);
        Assert.Equal(9, disk.Seen.Length);
    }

    [Fact]
    public void The_mark_of_a_head_disk_is_not_the_submitters_to_set()
    {
        TestDisk disk = TestDisk.Inline();
        using Bio bio = new Endings().Watch(Bio.Rent(BioOp.Read, 0, new byte[512], BioFlags.Mpath | BioFlags.Sync));

        disk.Submit(bio);

        Assert.Equal(BioFlags.Sync, Assert.Single(disk.Seen).Flags);
    }

    private static BioOp[] Ops(TestDisk disk) => [.. disk.Seen.Select(seen => seen.Op)];

    private static (BioOp Op, long Size, BioFlags Flags) Read(SeenBio seen) => (seen.Op, seen.Size, seen.Flags);
}
