using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Block;
using LibMultipath.Tests.Kit;
using Xunit.Abstractions;

namespace Drivers.Tests.Kit;

/// <summary>Holds a disk against an array that is what the disk should be, after any history.</summary>
internal static class DiskHistory
{
    /// <summary>Does anything in any order, and compares with an array.</summary>
    /// <param name="disk">A disk of zeroes.</param>
    /// <param name="content">What is on it, whoever asks.</param>
    /// <param name="output">Is told the seed.</param>
    public static void Check(BlockDevice disk, Func<byte[]> content, ITestOutputHelper output)
    {
        int size = (int)disk.CapacitySectors * QueueLimits.SectorSize;
        byte[] expected = new byte[size];
        int unit = disk.Limits.LogicalBlockSize;
        Gen<Step> step =
            from op in Gen.Elements(BioOp.Read, BioOp.Write, BioOp.Write, BioOp.Flush, BioOp.Discard, BioOp.WriteZeroes)
            from first in Gen.Choose(0, (size / unit) - 1)
            from length in Gen.Choose(1, Math.Min(size / unit / 2, (size / unit) - first))
            from segments in Gen.Choose(1, 5)
            from native in Gen.Elements(true, disk.Limits.DmaAlignment != 0)
            from flags in Gen.Elements(BioFlags.None, BioFlags.Fua, BioFlags.PreFlush | BioFlags.Fua, BioFlags.NoUnmap)
            from fill in Gen.Choose(1, 255)
            select new Step(op, first * unit, length * unit, segments, native, flags, (byte)fill);
        Prop.ForAll(step.ListOf().ToArbitrary(), steps =>
        {
            foreach (Step each in steps)
            {
                Assert.Equal(BlockStatus.Ok, each.Run(disk, expected));
            }

            return content().AsSpan().SequenceEqual(expected);
        }).Check(Seeds.Config(output, times: 50));
    }

    /// <summary>One operation, on a disk and on an array.</summary>
    private sealed record Step(BioOp Op, int Offset, int Length, int Segments, bool Native, BioFlags Flags, byte Fill)
    {
        public BlockStatus Run(BlockDevice disk, byte[] expected)
        {
            BioFlags flags = Op switch
            {
                BioOp.Write => Flags & ~BioFlags.NoUnmap,
                BioOp.WriteZeroes => Flags & BioFlags.NoUnmap,
                _ => BioFlags.None,
            };
            if (Op is BioOp.Read or BioOp.Write)
            {
                return Transfer(disk, expected, flags);
            }

            if (Op != BioOp.Flush)
            {
                expected.AsSpan(Offset, Length).Clear();
            }

            return Flight.Run(disk, Bio.Rent(Op, Op == BioOp.Flush ? 0 : Offset / 512, Op == BioOp.Flush ? 0 : Length, flags));
        }

        private BlockStatus Transfer(BlockDevice disk, byte[] expected, BioFlags flags)
        {
            using var native = new NativeMemoryBlock(Length);
            byte[] managed = new byte[Length];
            Span<byte> data = Native ? native.Span : managed;
            for (int i = 0; i < Length; i++)
            {
                data[i] = (byte)(Fill + (i / 512));
            }

            Bio bio = Bio.Rent(Op, Offset / 512, flags: flags);
            int unit = disk.Limits.LogicalBlockSize;
            int part = Math.Max(1, Length / unit / Segments) * unit;
            for (int offset = 0; offset < Length; offset += part)
            {
                int length = Math.Min(part, Length - offset);
                bio.AddSegment(Native ? native.Segment.Slice(offset, length) : new BioSegment(managed.AsMemory(offset, length)));
            }

            BlockStatus status = Flight.Run(disk, bio);
            if (Op == BioOp.Write)
            {
                data.CopyTo(expected.AsSpan(Offset));
            }
            else
            {
                Assert.True(data.SequenceEqual(expected.AsSpan(Offset, Length)), $"{this} read something else");
            }

            return status;
        }
    }
}
