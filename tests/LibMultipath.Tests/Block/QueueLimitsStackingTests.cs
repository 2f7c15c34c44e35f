using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

public sealed class QueueLimitsStackingTests
{
    [Fact]
    public void Stacking_takes_the_maximum_of_the_block_sizes_and_minima()
    {
        QueueLimits stacked = QueueLimits.Stack(
            new QueueLimits { LogicalBlockSize = 512, PhysicalBlockSize = 16384, IoMin = 16384 },
            new QueueLimits { LogicalBlockSize = 4096, PhysicalBlockSize = 4096, IoMin = 20480 });

        Assert.Equal(4096, stacked.LogicalBlockSize);
        Assert.Equal(16384, stacked.PhysicalBlockSize);
        Assert.Equal(32768, stacked.IoMin);
    }

    [Fact]
    public void Stacking_takes_the_minimum_of_the_maxima()
    {
        QueueLimits stacked = QueueLimits.Stack(
            new QueueLimits { MaxSectors = 256, MaxSegments = 64, MaxSegmentSize = 8192, MaxWriteZeroesSectors = 7 },
            new QueueLimits { MaxSectors = 512, MaxSegments = 32, MaxSegmentSize = 4096, MaxWriteZeroesSectors = 9 });

        Assert.Equal(256, stacked.MaxSectors);
        Assert.Equal(32, stacked.MaxSegments);
        Assert.Equal(4096, stacked.MaxSegmentSize);
        Assert.Equal(7, stacked.MaxWriteZeroesSectors);
    }

    [Fact]
    public void Stacking_rounds_the_longest_request_down_to_the_larger_block()
    {
        QueueLimits stacked = QueueLimits.Stack(new QueueLimits { MaxSectors = 255 }, new QueueLimits { LogicalBlockSize = 4096 });

        Assert.Equal(248, stacked.MaxSectors);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 8192, 8192)]
    [InlineData(8192, 8192, 8192)]
    [InlineData(8192, 12288, 24576)]
    [InlineData(65536, 1 << 20, 1 << 20)]
    public void Stacking_takes_the_least_common_multiple_of_the_optima(int top, int bottom, int expected)
    {
        QueueLimits stacked = QueueLimits.Stack(new QueueLimits { IoOpt = top }, new QueueLimits { IoOpt = bottom });

        Assert.Equal(expected, stacked.IoOpt);
        Assert.False(stacked.Misaligned);
    }

    [Fact]
    public void The_stacked_optimum_is_a_multiple_of_the_larger_physical_block()
    {
        QueueLimits stacked = QueueLimits.Stack(new QueueLimits { IoOpt = 1536 }, new QueueLimits { PhysicalBlockSize = 4096 });

        Assert.Equal(12288, stacked.IoOpt);
    }

    [Fact]
    public void Optima_without_a_common_multiple_in_range_are_dropped_for_good()
    {
        QueueLimits top = new() { IoOpt = 512 * 65537 };
        QueueLimits bottom = new() { IoOpt = 512 * 65539 };

        QueueLimits stacked = QueueLimits.Stack(top, bottom, new QueueLimits { IoOpt = 4096 });

        Assert.True(stacked.Misaligned);
        Assert.Equal(0, stacked.IoOpt);
    }

    [Fact]
    public void Stacking_keeps_an_offset_that_both_can_mean()
    {
        QueueLimits stacked = QueueLimits.Stack(
            new QueueLimits { PhysicalBlockSize = 1024, AlignmentOffset = 512 },
            new QueueLimits { PhysicalBlockSize = 4096, AlignmentOffset = 3584 });

        Assert.Equal(3584, stacked.AlignmentOffset);
        Assert.False(stacked.Misaligned);
    }

    [Fact]
    public void Offsets_that_contradict_each_other_are_reported_as_misaligned()
    {
        QueueLimits stacked = QueueLimits.Stack(
            new QueueLimits { PhysicalBlockSize = 4096, AlignmentOffset = 512 },
            new QueueLimits { PhysicalBlockSize = 4096 });

        Assert.True(stacked.Misaligned);
        Assert.Equal(0, stacked.AlignmentOffset);
    }

    [Fact]
    public void Stacking_takes_the_strictest_alignment()
    {
        QueueLimits stacked = QueueLimits.Stack(
            new QueueLimits { DmaAlignment = 3 },
            new QueueLimits { DmaAlignment = 511 });

        Assert.Equal(511, stacked.DmaAlignment);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 256, 256)]
    [InlineData(256, 384, 128)]
    [InlineData(256, 255, 1)]
    public void No_request_crosses_a_boundary_of_either_path(int top, int bottom, int expected)
    {
        QueueLimits stacked = QueueLimits.Stack(new QueueLimits { ChunkSectors = top }, new QueueLimits { ChunkSectors = bottom });

        Assert.Equal(expected, stacked.ChunkSectors);
    }

    [Fact]
    public void An_operation_that_one_path_lacks_is_not_supported()
    {
        QueueLimits able = new()
        {
            MaxDiscardSectors = 1024,
            DiscardGranularity = 4096,
            MaxWriteZeroesSectors = 1024,
            MaxSecureEraseSectors = 1024,
        };

        QueueLimits stacked = QueueLimits.Stack(able, new QueueLimits());

        Assert.Equal(0, stacked.MaxDiscardSectors);
        Assert.Equal(0, stacked.DiscardGranularity);
        Assert.Equal(0, stacked.MaxWriteZeroesSectors);
        Assert.Equal(0, stacked.MaxSecureEraseSectors);
    }

    [Fact]
    public void An_operation_that_cannot_cover_the_larger_block_is_not_supported()
    {
        QueueLimits stacked = QueueLimits.Stack(
            new QueueLimits { MaxDiscardSectors = 7 },
            new QueueLimits { LogicalBlockSize = 4096, MaxDiscardSectors = 1024 });

        Assert.Equal(0, stacked.MaxDiscardSectors);
    }

    [Theory]
    [InlineData(4096, 0, 65536, 0, 65536, 0)]
    [InlineData(4096, 512, 65536, 4608, 65536, 4608)]
    [InlineData(1536, 512, 2560, 1024, 7680, 3584)]
    public void The_stacked_discard_granularity_is_whole_in_both(int size, int start, int otherSize, int otherStart, int expectedSize, int expectedStart)
    {
        QueueLimits top = new() { MaxDiscardSectors = 9999, DiscardGranularity = size, DiscardAlignment = start };
        QueueLimits bottom = new() { MaxDiscardSectors = 8888, DiscardGranularity = otherSize, DiscardAlignment = otherStart };

        QueueLimits stacked = QueueLimits.Stack(top, bottom);

        Assert.Equal(8888, stacked.MaxDiscardSectors);
        Assert.Equal(expectedSize, stacked.DiscardGranularity);
        Assert.Equal(expectedStart, stacked.DiscardAlignment);
    }

    [Fact]
    public void Discards_that_no_granularity_fits_are_not_supported()
    {
        QueueLimits top = new() { MaxDiscardSectors = 9999, DiscardGranularity = 4096, DiscardAlignment = 512 };
        QueueLimits bottom = new() { MaxDiscardSectors = 9999, DiscardGranularity = 4096 };

        Assert.Equal(0, QueueLimits.Stack(top, bottom).MaxDiscardSectors);
    }

    [Theory]
    [InlineData(QueueFeatures.WriteCache, QueueFeatures.None, QueueFeatures.WriteCache)]
    [InlineData(QueueFeatures.Rotational, QueueFeatures.None, QueueFeatures.Rotational)]
    [InlineData(QueueFeatures.StableWrites, QueueFeatures.None, QueueFeatures.StableWrites)]
    [InlineData(QueueFeatures.NoWait, QueueFeatures.None, QueueFeatures.None)]
    [InlineData(QueueFeatures.NoWait, QueueFeatures.NoWait, QueueFeatures.NoWait)]
    [InlineData(QueueFeatures.WriteCache | QueueFeatures.Fua, QueueFeatures.WriteCache, QueueFeatures.WriteCache)]
    [InlineData(QueueFeatures.WriteCache | QueueFeatures.Fua, QueueFeatures.None, QueueFeatures.WriteCache)]
    [InlineData(QueueFeatures.WriteCache | QueueFeatures.Fua, QueueFeatures.WriteCache | QueueFeatures.Fua, QueueFeatures.WriteCache | QueueFeatures.Fua)]
    public void A_promise_takes_every_path_and_a_need_only_one(QueueFeatures top, QueueFeatures bottom, QueueFeatures expected)
    {
        QueueLimits stacked = QueueLimits.Stack(new QueueLimits { Features = top }, new QueueLimits { Features = bottom });

        Assert.Equal(expected, stacked.Features);
    }

    [Theory]
    [InlineData(512, 8, 0, 65536, 1024, 0, "MaxSectors is 0")]
    [InlineData(512, 1024, 3, 4096, 1024, 0, "ChunkSectors is 3")]
    [InlineData(512, 1024, 3, 4096, 1024, 8, "ChunkSectors is 1")]
    public void Paths_that_no_request_can_satisfy_cannot_be_stacked(
        int block, int sectors, int chunk, int otherBlock, int otherSectors, int otherChunk, string why)
    {
        QueueLimits top = new() { LogicalBlockSize = block, MaxSectors = sectors, ChunkSectors = chunk };
        QueueLimits bottom = new() { LogicalBlockSize = otherBlock, MaxSectors = otherSectors, ChunkSectors = otherChunk };

        ArgumentException fault = Assert.Throws<ArgumentException>(() => QueueLimits.Stack(top, bottom));

        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_that_are_not_valid_cannot_be_stacked()
    {
        QueueLimits faulty = new() { MaxSegments = 0 };

        Assert.Equal("MaxSegments", Assert.Throws<ArgumentException>(() => QueueLimits.Stack(faulty, new QueueLimits())).ParamName);
        Assert.Equal("MaxSegments", Assert.Throws<ArgumentException>(() => QueueLimits.Stack([faulty])).ParamName);
    }

    [Fact]
    public void There_are_no_limits_of_no_paths()
    {
        Assert.Throws<ArgumentException>(() => QueueLimits.Stack([]));
        Assert.Throws<ArgumentException>(() => QueueLimits.Stack(Enumerable.Empty<QueueLimits>()));
    }

    [Fact]
    public void Stacking_is_idempotent() =>
        Prop.ForAll(QueueLimitsGenerator.Any, limits => QueueLimits.Stack(limits, limits) == limits).QuickCheckThrowOnFailure();

    [Fact]
    public void Stacking_is_commutative() =>
        Prop.ForAll(QueueLimitsGenerator.Pairs, p => TryStack(p.First, p.Second) == TryStack(p.Second, p.First))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Stacking_is_associative() =>
        Prop.ForAll(QueueLimitsGenerator.Triples, t =>
            TryStack(TryStack(t.First, t.Second), t.Third) == TryStack(t.First, TryStack(t.Second, t.Third)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void Stacking_again_what_is_in_the_stack_changes_nothing() =>
        Prop.ForAll(QueueLimitsGenerator.Pairs, p =>
            TryStack(p.First, p.Second) is not { } stacked || QueueLimits.Stack(stacked, p.First, p.Second) == stacked)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void What_is_stacked_is_valid() =>
        Prop.ForAll(QueueLimitsGenerator.Triples, t =>
        {
            TryStack(TryStack(t.First, t.Second), t.Third)?.Validate();
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void What_satisfies_the_stack_satisfies_both() =>
        Prop.ForAll(QueueLimitsGenerator.Pairs, p =>
            TryStack(p.First, p.Second) is not { } stacked || (Covers(p.First, stacked) && Covers(p.Second, stacked)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void The_sample_of_limits_has_some_that_stack_and_some_that_do_not()
    {
        List<(QueueLimits First, QueueLimits Second)> pairs = [.. QueueLimitsGenerator.Pairs.Generator.Sample(1000)];

        int stacked = pairs.Count(p => TryStack(p.First, p.Second) is not null);

        Assert.InRange(stacked, 100, 999);
    }

    // Null for limits that cannot be stacked, which absorbs, as an error does.
    private static QueueLimits? TryStack(QueueLimits? top, QueueLimits? bottom)
    {
        try
        {
            return top is null || bottom is null ? null : QueueLimits.Stack(top, bottom);
        }
        catch (ArgumentException e) when (e.ParamName == "bottom")
        {
            return null;
        }
    }

    private static bool Covers(QueueLimits path, QueueLimits head) =>
        head.LogicalBlockSize % path.LogicalBlockSize == 0
        && head.PhysicalBlockSize % path.PhysicalBlockSize == 0
        && head.MaxSectors <= path.MaxSectors
        && head.MaxSegments <= path.MaxSegments
        && head.MaxSegmentSize <= path.MaxSegmentSize
        && (head.DmaAlignment & path.DmaAlignment) == path.DmaAlignment
        && (path.ChunkSectors == 0 || (head.ChunkSectors != 0 && path.ChunkSectors % head.ChunkSectors == 0))
        && head.MaxDiscardSectors <= path.MaxDiscardSectors
        && (head.MaxDiscardSectors == 0 || (head.DiscardGranularity % path.DiscardGranularity == 0
            && head.DiscardAlignment % path.DiscardGranularity == path.DiscardAlignment))
        && (head.Misaligned || (head.AlignmentOffset % path.PhysicalBlockSize == path.AlignmentOffset
            && (path.IoOpt == 0 || (head.IoOpt != 0 && head.IoOpt % path.IoOpt == 0))));
}
