using LibMultipath.Block;
namespace LibMultipath.Tests.Block;

public sealed class QueueLimitsTests
{
    [Fact]
    public void The_defaults_are_valid()
    {
        QueueLimits limits = new();

        limits.Validate();

        Assert.Equal(512, limits.LogicalBlockSize);
        Assert.Equal(512, limits.PhysicalBlockSize);
        Assert.Equal(512, limits.IoMin);
        Assert.Equal(0, limits.MaxDiscardSectors);
        Assert.Equal(QueueFeatures.None, limits.Features);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(65536)]
    public void A_logical_block_size_alone_makes_valid_limits(int size)
    {
        QueueLimits limits = new() { LogicalBlockSize = size, MaxDiscardSectors = 1024 };

        limits.Validate();

        Assert.Equal(size, limits.PhysicalBlockSize);
        Assert.Equal(size, limits.IoMin);
        Assert.Equal(size, limits.DiscardGranularity);
    }

    [Fact]
    public void Limits_that_read_equal_are_equal()
    {
        QueueLimits derived = new() { LogicalBlockSize = 4096 };
        QueueLimits written = new() { LogicalBlockSize = 4096, PhysicalBlockSize = 4096, IoMin = 4096 };

        Assert.Equal(derived, written);
        Assert.Equal(derived.GetHashCode(), written.GetHashCode());
        Assert.NotEqual(derived, written with { IoMin = 8192 });
    }

    [Fact]
    public void The_discard_granularity_reads_as_zero_without_discards()
    {
        QueueLimits limits = new() { MaxDiscardSectors = 64, DiscardGranularity = 4096, DiscardAlignment = 512 };

        QueueLimits without = limits with { MaxDiscardSectors = 0 };

        without.Validate();
        Assert.Equal(0, without.DiscardGranularity);
        Assert.Equal(0, without.DiscardAlignment);
    }

    public static TheoryData<string, QueueLimits> Faulty => new()
    {
        { "LogicalBlockSize", new() { LogicalBlockSize = 256 } },
        { "LogicalBlockSize", new() { LogicalBlockSize = 0 } },
        { "LogicalBlockSize", new() { LogicalBlockSize = -512 } },
        { "LogicalBlockSize", new() { LogicalBlockSize = 1536 } },
        { "LogicalBlockSize", new() { LogicalBlockSize = 131072 } },
        { "PhysicalBlockSize", new() { LogicalBlockSize = 4096, PhysicalBlockSize = 512 } },
        { "PhysicalBlockSize", new() { PhysicalBlockSize = 1536 } },
        { "PhysicalBlockSize", new() { PhysicalBlockSize = int.MinValue } },
        { "IoMin", new() { PhysicalBlockSize = 4096, IoMin = 512 } },
        { "IoMin", new() { PhysicalBlockSize = 4096, IoMin = 6144 } },
        { "IoMin", new() { IoMin = QueueLimits.MaxIoMin + 512 } },
        { "IoOpt", new() { PhysicalBlockSize = 4096, IoOpt = 6144 } },
        { "IoOpt", new() { IoOpt = -512 } },
        { "IoOpt", new() { IoOpt = 512, Misaligned = true } },
        { "AlignmentOffset", new() { AlignmentOffset = 512 } },
        { "AlignmentOffset", new() { PhysicalBlockSize = 4096, AlignmentOffset = 100 } },
        { "AlignmentOffset", new() { PhysicalBlockSize = 4096, AlignmentOffset = -512 } },
        { "AlignmentOffset", new() { PhysicalBlockSize = 4096, AlignmentOffset = 512, Misaligned = true } },
        { "MaxSectors", new() { MaxSectors = 0 } },
        { "MaxSectors", new() { MaxSectors = 7 } },
        { "MaxSectors", new() { MaxSectors = -8 } },
        { "MaxSectors", new() { LogicalBlockSize = 4096, MaxSectors = 12 } },
        { "MaxSectors", new() { LogicalBlockSize = 65536, MaxSectors = 64 } },
        { "MaxSegments", new() { MaxSegments = 0 } },
        { "MaxSegmentSize", new() { MaxSegmentSize = 4095 } },
        { "MaxSegmentSize", new() { LogicalBlockSize = 65536, MaxSegments = 15, MaxSegmentSize = 4096 } },
        { "DmaAlignment", new() { DmaAlignment = 4 } },
        { "DmaAlignment", new() { DmaAlignment = 8191 } },
        { "DmaAlignment", new() { DmaAlignment = -1 } },
        { "ChunkSectors", new() { ChunkSectors = -1 } },
        { "ChunkSectors", new() { LogicalBlockSize = 4096, ChunkSectors = 12 } },
        { "MaxDiscardSectors", new() { MaxDiscardSectors = -1 } },
        { "MaxDiscardSectors", new() { LogicalBlockSize = 4096, MaxDiscardSectors = 7 } },
        { "DiscardGranularity", new() { PhysicalBlockSize = 4096, MaxDiscardSectors = 64, DiscardGranularity = 512 } },
        { "DiscardGranularity", new() { MaxDiscardSectors = 64, DiscardGranularity = 1000 } },
        { "DiscardAlignment", new() { MaxDiscardSectors = 64, DiscardGranularity = 4096, DiscardAlignment = 4096 } },
        { "DiscardAlignment", new() { MaxDiscardSectors = 64, DiscardGranularity = 4096, DiscardAlignment = 100 } },
        { "DiscardAlignment", new() { MaxDiscardSectors = 64, DiscardGranularity = 4096, DiscardAlignment = -512 } },
        { "MaxWriteZeroesSectors", new() { MaxWriteZeroesSectors = -1 } },
        { "MaxSecureEraseSectors", new() { LogicalBlockSize = 4096, MaxSecureEraseSectors = 1 } },
        { "Features", new() { Features = QueueFeatures.Fua } },
        { "Features", new() { Features = (QueueFeatures)(1 << 30) } },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public void A_field_out_of_range_is_named_with_its_value(string field, QueueLimits limits)
    {
        ArgumentException fault = Assert.Throws<ArgumentException>(limits.Validate);

        object? value = typeof(QueueLimits).GetProperty(field)!.GetValue(limits);
        Assert.Equal(field, fault.ParamName);
        Assert.StartsWith($"{field} is {value}; it must be ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_edges_of_every_range_are_allowed()
    {
        new QueueLimits { LogicalBlockSize = 65536, MaxSectors = 128, MaxSegments = 16, MaxSegmentSize = 4096 }.Validate();
        new QueueLimits { PhysicalBlockSize = QueueLimits.MaxIoMin, IoMin = QueueLimits.MaxIoMin, IoOpt = QueueLimits.MaxIoMin }.Validate();
        new QueueLimits { MaxSectors = int.MaxValue, MaxSegments = int.MaxValue, MaxSegmentSize = int.MaxValue }.Validate();
        new QueueLimits { DmaAlignment = 4095 }.Validate();
        new QueueLimits { PhysicalBlockSize = 4096, AlignmentOffset = 3584 }.Validate();
        new QueueLimits { MaxDiscardSectors = int.MaxValue, MaxWriteZeroesSectors = 1, MaxSecureEraseSectors = 1 }.Validate();
        new QueueLimits { Features = QueueFeatures.WriteCache | QueueFeatures.Fua }.Validate();
    }
}
