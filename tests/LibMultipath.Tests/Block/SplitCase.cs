using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

/// <summary>A disk's limits and a bio for it: where it is, and how its memory is cut, for a write and for a read.</summary>
internal sealed record SplitCase(QueueLimits Limits, BioOp Op, long Sector, long Size, SplitCase.Cut[] WriteCuts, SplitCase.Cut[] ReadCuts, int Seed)
{
    public const long CapacitySectors = 1 << 13;

    public static Arbitrary<SplitCase> Any { get; } = Arb.From(Cases());

    /// <summary>A segment: how long, and whether it is native memory.</summary>
    public readonly record struct Cut(int Length, bool IsNative);

    public override string ToString() =>
        $"{Op} of {Size} at {Sector}, cut {string.Join(' ', WriteCuts.Select(cut => cut.Length))}, seed {Seed}, {Limits}";

    private static Gen<SplitCase> Cases() =>
        from limits in QueueLimitsGenerator.Any.Generator
        from op in Gen.Elements(BioOp.Write, BioOp.Write, BioOp.Write, BioOp.Discard, BioOp.WriteZeroes, BioOp.SecureErase)
        let movesData = op == BioOp.Write
        let unit = movesData ? Math.Max(limits.LogicalBlockSize, limits.DmaAlignment + 1) : limits.LogicalBlockSize
        from units in movesData ? Gen.Choose(1, unit > 4096 ? 6 : 60) : Gen.Choose(1, unit > 4096 ? 40 : 600)
        let size = (long)units * unit
        from place in Gen.Choose(0, (int)((CapacitySectors - (size / 512)) / (limits.LogicalBlockSize / 512)))
        let step = limits.DmaAlignment + 1
        from writeCuts in Cuts(size, step)
        from readCuts in Cuts(size, step)
        from seed in Gen.Choose(0, int.MaxValue)
        select new SplitCase(limits, op, (long)place * (limits.LogicalBlockSize / 512), size, writeCuts, readCuts, seed);

    private static Gen<Cut[]> Cuts(long size, int step) =>
        from places in Gen.Choose(0, (int)(size / step)).ArrayOf()
        from many in Gen.Elements(1, 2, 7, 1000)
        from native in Gen.Elements(true, false).ArrayOf(8)
        let ends = places.Take(many).Select(place => place * step).Append((int)size).Order().ToArray()
        select ends.Select((end, i) => new Cut(end - (i == 0 ? 0 : ends[i - 1]), native[i % 8])).ToArray();
}
