using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Block;
using LibMultipath.Tests.Kit;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Block;

public sealed class SplitTests(ITestOutputHelper output)
{
    [Fact]
    public void Parts_cover_the_bio_in_order_within_every_limit_and_move_every_byte()
    {
        int whole = 0;
        int split = 0;
        int impossible = 0;
        Prop.ForAll(SplitCase.Any, test =>
        {
            using var memory = new SegmentMemory();
            var disk = new MemoryDisk(test.Limits, SplitCase.CapacitySectors, test.Seed) { Holds = test.Seed % 2 == 0 };
            byte[] expected = new byte[disk.Bytes.Length];
            new Random(test.Seed).NextBytes(expected);
            expected.CopyTo(disk.Bytes, 0);
            byte[] data = new byte[test.Size];
            new Random(test.Seed + 1).NextBytes(data);
            using Bio bio = Bio.Rent(test.Op, test.Sector, test.Op == BioOp.Write ? 0 : test.Size);
            if (test.Op == BioOp.Write)
            {
                memory.AddTo(bio, test.WriteCuts);
                SegmentMemory.Fill(bio, data);
            }

            BlockStatus status = Run(disk, bio);
            if (Supports(test.Limits, test.Op) == 0)
            {
                Assert.Equal(BlockStatus.NotSupported, status);
                Assert.Empty(disk.Seen);
                return;
            }

            long covered = CheckParts(disk.Seen, bio, test.Limits);
            (test.Op == BioOp.Write ? data.AsSpan(0, (int)covered) : new byte[covered]).CopyTo(expected.AsSpan((int)test.Sector * 512));
            Assert.True(disk.Bytes.AsSpan().SequenceEqual(expected), "The disk does not hold what was written.");
            Assert.True(test.Op != BioOp.Write || SegmentMemory.Collect(bio).AsSpan().SequenceEqual(data), "The memory of the bio was changed.");
            if (covered != test.Size)
            {
                impossible++;
                Assert.Equal(BlockStatus.Invalid, status);
                Assert.False(CanGoOn(bio, test.Limits, covered), $"After {covered} bytes it could have gone on.");
                return;
            }

            Assert.Equal(BlockStatus.Ok, status);
            split += disk.Seen.Count > 1 ? 1 : 0;
            whole += disk.Seen.Count == 1 ? 1 : 0;
            CheckReadBack(test, disk, memory);
        }).Check(Seeds.Config(output, 200));

        output.WriteLine($"{whole} whole, {split} split, {impossible} could not be split.");
        Assert.True(whole > 10 && split > 10, "The cases do not cover what they should.");
    }

    [Fact]
    public void A_block_over_more_segments_than_allowed_is_invalid()
    {
        TestDisk disk = TestDisk.Inline(new QueueLimits { LogicalBlockSize = 4096, MaxSegments = 4 });
        using Bio bio = NewCutBio(BioOp.Write, 8, 512);
        var endings = new Endings();

        disk.Submit(endings.Watch(bio));

        Assert.Equal(BlockStatus.Invalid, endings.Only);
        Assert.Empty(disk.Seen);
    }

    [Fact]
    public void A_bio_that_cannot_be_split_further_on_ends_once_invalid_after_the_parts_before()
    {
        var disk = new TestDisk(new QueueLimits { LogicalBlockSize = 4096, MaxSegments = 2 });
        var endings = new Endings();
        using Bio bio = Bio.Rent(BioOp.Write, 0, new byte[4096]);
        for (int i = 0; i < 3; i++)
        {
            bio.AddSegment(new byte[i == 2 ? 2048 : 1024]);
        }

        disk.Submit(endings.Watch(bio));
        Assert.Equal(0, endings.Count);
        Assert.True(disk.TakeHeld().Complete(BlockStatus.Ok));

        Assert.Equal(BlockStatus.Invalid, endings.Only);
        Assert.Equal(4096, Assert.Single(disk.Seen).Size);
    }

    [Fact]
    public void The_whole_ends_when_the_last_part_does_with_the_first_error()
    {
        var disk = new TestDisk(new QueueLimits { MaxSectors = 8 });
        var endings = new Endings();
        using Bio bio = Bio.Rent(BioOp.Read, 16, new byte[4 * 4096]);

        disk.Submit(endings.Watch(bio));
        BioAttempt[] parts = [.. disk.Held];
        Assert.Equal([16L, 24, 32, 40], disk.Seen.Select(part => part.Sector));
        parts[3].Complete(BlockStatus.Ok);
        parts[1].Complete(BlockStatus.Medium);
        parts[0].Complete(BlockStatus.Target);
        Assert.Equal(0, endings.Count);
        Assert.True(bio.IsSubmitted);
        parts[2].Complete(BlockStatus.Ok);

        Assert.Equal(BlockStatus.Medium, endings.Only);
        Assert.Equal(16, bio.Sector);
        Assert.Equal(4 * 4096, bio.Size);
    }

    [Fact]
    public void A_segment_that_is_too_long_is_cut_even_when_the_bio_fits()
    {
        TestDisk disk = TestDisk.Inline(new QueueLimits { MaxSegmentSize = 4096 });
        var endings = new Endings();
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[10240]);

        disk.Submit(endings.Watch(bio));

        Assert.Equal(BlockStatus.Ok, endings.Only);
        Assert.Equal([4096, 4096, 2048], Assert.Single(disk.Seen).Segments.Select(segment => segment.Length));
    }

    [Fact]
    public void A_transfer_does_not_cross_a_chunk()
    {
        TestDisk disk = TestDisk.Inline(new QueueLimits { ChunkSectors = 16 });
        using Bio across = new Endings().Watch(Bio.Rent(BioOp.Write, 12, new byte[24 * 512]));
        using Bio within = new Endings().Watch(Bio.Rent(BioOp.Write, 16, new byte[16 * 512]));

        disk.Submit(across);
        disk.Submit(within);

        Assert.Equal([(12L, 16L), (16, 32), (32, 36), (16, 32)], disk.Seen.Select(part => (part.Sector, part.End)));
    }

    [Fact]
    public void A_discard_is_cut_where_the_device_can_free_space()
    {
        var limits = new QueueLimits { MaxDiscardSectors = 100, DiscardGranularity = 16 * 512, DiscardAlignment = 4 * 512 };
        TestDisk disk = TestDisk.Inline(limits);
        using Bio bio = new Endings().Watch(Bio.Rent(BioOp.Discard, 10, 250 * 512));

        disk.Submit(bio);

        Assert.Equal([(10L, 100L), (100, 196), (196, 260)], disk.Seen.Select(part => (part.Sector, part.End)));
    }

    [Fact]
    public void A_discard_that_fits_is_not_cut()
    {
        TestDisk disk = TestDisk.Inline(new QueueLimits { MaxDiscardSectors = 100, DiscardGranularity = 16 * 512 });
        using Bio bio = new Endings().Watch(Bio.Rent(BioOp.Discard, 5, 100 * 512));

        disk.Submit(bio);

        Assert.Equal((5L, 105L), (Assert.Single(disk.Seen).Sector, disk.Seen[0].End));
    }

    [Fact]
    public void Cuts_keep_memory_aligned_for_the_driver()
    {
        using var memory = new SegmentMemory();
        TestDisk disk = TestDisk.Inline(new QueueLimits { DmaAlignment = 4095, MaxSectors = 9, MaxSegmentSize = 5000 });
        var endings = new Endings();
        using Bio bio = endings.Watch(Bio.Rent(BioOp.Read, 3));
        memory.AddTo(bio, [new SplitCase.Cut(8192, true), new SplitCase.Cut(4096, false)]);

        disk.Submit(bio);

        Assert.Equal(BlockStatus.Ok, endings.Only);
        Assert.Equal([4096L, 4096, 4096], disk.Seen.Select(part => part.Size));
        Assert.All(disk.Seen.SelectMany(part => part.Segments), segment => Assert.Equal(0, segment.Address & 4095));
    }

    [Fact]
    public void The_discard_of_a_huge_disk_takes_few_bios_at_a_time()
    {
        var disk = new TestDisk(new QueueLimits { MaxDiscardSectors = 1 }, capacitySectors: long.MaxValue >> 9);
        var endings = new Endings();
        using Bio bio = endings.Watch(Bio.Rent(BioOp.Discard, 0, (long.MaxValue >> 9) << 9));

        disk.Submit(bio);
        Assert.InRange(disk.Held.Count, 1, BioSplitter.Batch);
        int held = disk.Held.Count;
        for (int i = 0; i < held; i++)
        {
            disk.TakeHeld().Complete(BlockStatus.Ok);
        }

        Assert.InRange(disk.Held.Count, 1, BioSplitter.Batch);
        Assert.Equal(held, disk.Held.First().Bio.Sector);
        disk.TakeHeld().Complete(BlockStatus.Target);
        while (disk.Held.TryDequeue(out BioAttempt rest))
        {
            rest.Complete(BlockStatus.Ok);
        }

        // After the error nothing more is begun.
        Assert.Equal(BlockStatus.Target, endings.Only);
        Assert.Equal(2 * held, disk.Seen.Length);
    }

    [Fact]
    public void Many_parts_are_in_order_over_batches_and_end_the_whole_once()
    {
        const int parts = (3 * BioSplitter.Batch) + 5;
        TestDisk disk = TestDisk.Inline(new QueueLimits { MaxWriteZeroesSectors = 1 });
        var endings = new Endings();
        using Bio bio = endings.Watch(Bio.Rent(BioOp.WriteZeroes, 7, parts * 512, BioFlags.NoUnmap));

        disk.Submit(bio);

        Assert.Equal(BlockStatus.Ok, endings.Only);
        Assert.Equal(Enumerable.Range(7, parts).Select(sector => (long)sector), disk.Seen.Select(part => part.Sector));
        Assert.All(disk.Seen, part => Assert.Equal(BioFlags.NoUnmap, part.Flags));
    }

    [Fact]
    public void Parts_and_whole_are_checked_against_the_limits_of_their_time()
    {
        // The limits shrink while parts wait to be started: they are split again.
        TestDisk? disk = null;
        disk = new TestDisk(new QueueLimits { MaxSectors = 16 })
        {
            OnSubmit = attempt =>
            {
                disk!.SetLimits(new QueueLimits { MaxSectors = 8 });
                attempt.Complete(BlockStatus.Ok);
            },
        };
        var endings = new Endings();
        using Bio bio = endings.Watch(Bio.Rent(BioOp.Read, 0, new byte[48 * 512]));

        disk.Submit(bio);

        Assert.Equal(BlockStatus.Ok, endings.Only);
        Assert.Equal([16L, 8, 8, 8, 8], disk.Seen.Select(part => part.Sectors));
        Assert.Equal([0L, 16, 24, 32, 40], disk.Seen.Select(part => part.Sector).Order());
    }

    private static BlockStatus Run(MemoryDisk disk, Bio bio)
    {
        var endings = new Endings();
        disk.Submit(endings.Watch(bio));
        disk.EndHeld();
        endings.WaitFor(1);
        return endings.Only;
    }

    private static void CheckReadBack(SplitCase test, MemoryDisk disk, SegmentMemory memory)
    {
        using Bio read = Bio.Rent(BioOp.Read, test.Sector);
        memory.AddTo(read, test.ReadCuts);
        if (read.Size % Math.Max(test.Limits.LogicalBlockSize, test.Limits.DmaAlignment + 1) != 0)
        {
            return;
        }

        if (Run(disk, read) == BlockStatus.Ok)
        {
            Assert.True(
                SegmentMemory.Collect(read).AsSpan().SequenceEqual(disk.Bytes.AsSpan((int)test.Sector * 512, (int)test.Size)),
                "What was read is not what the disk holds.");
        }
    }

    // How many bytes from the start the parts cover.
    private static long CheckParts(IReadOnlyList<SeenBio> parts, Bio whole, QueueLimits limits)
    {
        long covered = 0;
        long most = Supports(limits, whole.Op);
        foreach (SeenBio part in parts)
        {
            Assert.Equal(whole.Op, part.Op);
            Assert.Equal(whole.Sector + (covered / 512), part.Sector);
            Assert.True(part.Size > 0 && part.Size % limits.LogicalBlockSize == 0, $"A part of {part.Size} bytes.");
            Assert.True(part.Sectors <= most, $"A part of {part.Sectors} sectors, {most} allowed.");
            if (whole.Op == BioOp.Write)
            {
                Assert.Equal(part.Size, part.Segments.Sum(segment => (long)segment.Length));
                Assert.InRange(part.Segments.Count(segment => segment.Length != 0), 1, limits.MaxSegments);
                Assert.All(part.Segments, segment =>
                {
                    Assert.True(segment.Length <= limits.MaxSegmentSize);
                    Assert.Equal(0, (segment.Address | segment.Length) & limits.DmaAlignment);
                });
                Assert.True(limits.ChunkSectors == 0 || part.Sector / limits.ChunkSectors == (part.End - 1) / limits.ChunkSectors, "A part lies across a chunk.");
            }

            covered += part.Size;
            long granularity = limits.DiscardGranularity / 512;
            if (whole.Op == BioOp.Discard && most > granularity && covered != whole.Size)
            {
                Assert.Equal(0, (part.End - (limits.DiscardAlignment / 512)) % granularity);
            }
        }

        Assert.True(covered <= whole.Size);
        return covered;
    }

    // Whether the smallest part that could come next keeps the limits.
    private static bool CanGoOn(Bio whole, QueueLimits limits, long covered)
    {
        long unit = Math.Min(Math.Max(limits.LogicalBlockSize, limits.DmaAlignment + 1), whole.Size - covered);
        long sector = whole.Sector + (covered / 512);
        if (limits.ChunkSectors != 0 && unit / 512 > limits.ChunkSectors - (sector % limits.ChunkSectors))
        {
            return false;
        }

        long segments = 0;
        long at = 0;
        long longest = limits.MaxSegmentSize & ~(long)limits.DmaAlignment;
        foreach (BioSegment segment in whole.Segments)
        {
            long from = Math.Max(at, covered);
            long to = Math.Min(at + segment.Length, covered + unit);
            segments += to > from ? (to - from + longest - 1) / longest : 0;
            at += segment.Length;
        }

        return segments <= limits.MaxSegments;
    }

    private static long Supports(QueueLimits limits, BioOp op) => op switch
    {
        BioOp.Discard => limits.MaxDiscardSectors,
        BioOp.WriteZeroes => limits.MaxWriteZeroesSectors,
        BioOp.SecureErase => limits.MaxSecureEraseSectors,
        _ => limits.MaxSectors,
    };

    private static Bio NewCutBio(BioOp op, int segments, int length)
    {
        Bio bio = Bio.Rent(op);
        for (int i = 0; i < segments; i++)
        {
            bio.AddSegment(new byte[length]);
        }

        return bio;
    }
}
