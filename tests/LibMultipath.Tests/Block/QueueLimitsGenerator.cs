using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

/// <summary>Valid limits, crowded enough that they agree often and disagree in every way that there is.</summary>
internal static class QueueLimitsGenerator
{
    public static Arbitrary<QueueLimits> Any { get; } = Arb.From(Limits());

    public static Arbitrary<(QueueLimits First, QueueLimits Second)> Pairs { get; } =
        Arb.From(Limits().SelectMany(_ => Limits(), (first, second) => (first, second)));

    public static Arbitrary<(QueueLimits First, QueueLimits Second, QueueLimits Third)> Triples { get; } =
        Arb.From(Pairs.Generator.SelectMany(_ => Limits(), (pair, third) => (pair.First, pair.Second, third)));

    private static Gen<QueueLimits> Limits() =>
        from blocks in Blocks()
        from transfer in Transfer(blocks)
        from whole in Others(transfer)
        select whole;

    private static Gen<QueueLimits> Blocks() =>
        from logical in Gen.Elements(512, 512, 512, 4096, 4096, 65536)
        from physical in Gen.Elements(1, 1, 2, 8).Select(times => logical * times)
        from minimum in Gen.Elements(1, 1, 2, 3, 128)
        from optimum in Gen.Elements(0, 0, 1, 2, 3, 5, 7, 1009, 1013)
        from offset in Gen.Choose(0, (physical / logical) - 1)
        from aligned in Gen.Elements(true, true, true, false)
        select new QueueLimits
        {
            LogicalBlockSize = logical,
            PhysicalBlockSize = physical,
            IoMin = physical * minimum,
            IoOpt = aligned ? physical * optimum : 0,
            AlignmentOffset = aligned ? offset * logical : 0,
            Misaligned = !aligned,
        };

    private static Gen<QueueLimits> Transfer(QueueLimits blocks) =>
        from sectors in Gen.Elements(1, 2, 3, 15, 16, 128, 1000)
        from segments in Gen.Elements(1, 2, 15, 128, int.MaxValue)
        from size in Gen.Elements(4096, 4097, 65536, int.MaxValue)
        from alignment in Gen.Elements(0, 3, 511, 4095)
        from chunk in Gen.Elements(0, 0, 1, 2, 3, 24, 256)
        let block = blocks.LogicalBlockSize / QueueLimits.SectorSize
        select blocks with
        {
            MaxSectors = Math.Max(sectors * block, 8),
            MaxSegments = Math.Max(segments, block),
            MaxSegmentSize = size,
            DmaAlignment = alignment,
            ChunkSectors = chunk * block,
        };

    private static Gen<QueueLimits> Others(QueueLimits transfer) =>
        from discard in Gen.Elements(0, 1, 2, 100, 1 << 22).Select(Sectors)
        from granularity in Gen.Elements(1, 2, 3, 4, 15, 1009, 1013)
        from start in Gen.Choose(0, 2000)
        from zeroes in Gen.Elements(0, 1, 2, 1 << 22).Select(Sectors)
        from erase in Gen.Elements(0, 1, 2, 1 << 22).Select(Sectors)
        from features in Gen.Choose(0, 31)
        let unit = transfer.PhysicalBlockSize * granularity
        select transfer with
        {
            MaxDiscardSectors = discard,
            DiscardGranularity = unit,
            DiscardAlignment = start * transfer.LogicalBlockSize % unit,
            MaxWriteZeroesSectors = zeroes,
            MaxSecureEraseSectors = erase,
            Features = Sensible((QueueFeatures)features),
        };

    private static int Sectors(int blocks) => blocks * 128;

    private static QueueFeatures Sensible(QueueFeatures features) =>
        features.HasFlag(QueueFeatures.WriteCache) ? features : features & ~QueueFeatures.Fua;
}
