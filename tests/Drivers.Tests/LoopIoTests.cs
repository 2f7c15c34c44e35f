using Drivers.Tests.Kit;
using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Block;
using LibMultipath.Tests.Kit;
using LoopDriver;
using Xunit.Abstractions;

namespace Drivers.Tests;

/// <summary>Every operation, against an array that is what the file should be.</summary>
public abstract class LoopIoTests(LoopEngine engine, ITestOutputHelper output) : IDisposable
{
    private const int Block = 4096;
    private const int Blocks = 64;
    private const int Size = Block * Blocks;

    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_file_is_after_any_history_what_an_array_would_be()
    {
        string file = _folder.Make("disk", Size);
        using LoopPath path = LoopPath.Open("path", new LoopOptions { Engine = engine, File = file });
        Check(path, () => File.ReadAllBytes(file));
    }

    [Fact]
    public void So_it_is_where_the_file_system_cannot_zero_a_range()
    {
        using var file = new MemoryFile(Size);
        using LoopPath path = LoopPath.Open("path", new LoopOptions { Engine = engine, File = file.Name });
        Check(path, file.ReadAll);
    }

    [DirectIoFact]
    public void So_it_is_with_direct_IO()
    {
        string file = _folder.Make("disk", Size);
        using LoopPath path = LoopPath.Open("path", new LoopOptions { Engine = engine, File = file, Direct = true });
        Assert.NotEqual(0, path.Limits.DmaAlignment);
        Check(path, () => File.ReadAllBytes(file));
    }

    [DirectIoFact]
    public void Direct_IO_refuses_memory_that_is_not_aligned()
    {
        using LoopPath path = LoopPath.Open("path", new LoopOptions { Engine = engine, File = _folder.Make("disk", Size), Direct = true });
        using var memory = new NativeMemoryBlock(3 * Block);
        Bio bio = Bio.Rent(BioOp.Write);
        bio.AddSegment(memory.Segment.Slice(1, 2 * Block));
        Assert.Equal(BlockStatus.Invalid, Flight.Run(path, bio));
    }

    [Fact]
    public void A_discard_gives_space_back()
    {
        using var file = new MemoryFile(Size);
        using LoopPath path = LoopPath.Open("path", new LoopOptions { Engine = engine, File = file.Name });
        Assert.Equal(BlockStatus.Ok, Flight.Run(path, Bio.Rent(BioOp.Write, 0, Data.Filled(Size, 1))));
        long before = BlocksOf(file);
        Assert.Equal(BlockStatus.Ok, Flight.Run(path, Bio.Rent(BioOp.Discard, 0, Size)));
        Assert.Equal(Size / 512, before);
        Assert.Equal(0, BlocksOf(file));
        Assert.Equal(Size, file.ReadAll().Length);
    }

    [Fact]
    public void Zeroes_that_must_not_unmap_keep_the_space()
    {
        using var file = new MemoryFile(Size);
        using LoopPath path = LoopPath.Open("path", new LoopOptions { Engine = engine, File = file.Name });
        Assert.Equal(BlockStatus.Ok, Flight.Run(path, Bio.Rent(BioOp.WriteZeroes, 0, Size, BioFlags.NoUnmap)));
        Assert.Equal(Size / 512, BlocksOf(file));
    }

    [Theory]
    [InlineData(Size / 2, 1)]
    [InlineData((Size / 2) - 100, 1)]
    [InlineData(0, 2)]
    public void What_a_truncated_file_has_lost_is_an_error_and_no_zeroes(int left, int segments)
    {
        using var file = new MemoryFile(Size);
        using var rig = new LoopRig(engine, file.Name);
        rig.Add();
        rig.Add();
        file.SetLength(left);
        Bio bio = Bio.Rent(BioOp.Read, 0);
        for (int i = 0; i < segments; i++)
        {
            bio.AddSegment(new byte[Size / segments]);
        }

        Assert.Equal(BlockStatus.Medium, rig.Run(bio));
        Assert.Equal(BlockStatus.Ok, left < Block ? BlockStatus.Ok : rig.Run(Bio.Rent(BioOp.Read, 0, new byte[Block])));
    }

    [Fact]
    public void A_write_that_no_path_can_do_ends_with_the_error_of_the_file()
    {
        using var file = new MemoryFile(Size);
        using var rig = new LoopRig(engine, file.Name);
        rig.Add();
        rig.Add();
        Assert.Equal(BlockStatus.Ok, rig.Run(Bio.Rent(BioOp.Write, 0, Data.Filled(Block, 1))));
        file.Seal();
        Assert.Equal(BlockStatus.IoError, rig.Run(Bio.Rent(BioOp.Write, 0, Data.Filled(Block, 2))));
        Assert.Equal(2, rig.Head.Paths.Sum(path => path.Statistics.Failovers));
        Assert.Equal(1, file.ReadAll()[0]);
    }

    [Fact]
    public void A_sync_that_failed_is_not_asked_for_again()
    {
        using var file = new MemoryFile(Size);
        using var rig = new LoopRig(engine, file.Name);
        rig.Add();
        rig.Add();
        file.Seal();
        Assert.Equal(BlockStatus.IoError, rig.Run(Bio.Rent(BioOp.Write, 0, Data.Filled(Block, 2), BioFlags.Fua)));
        Assert.Equal(0, rig.Head.Paths.Sum(path => path.Statistics.Failovers));
    }

    [Fact]
    public void A_long_bio_in_many_segments_is_whole()
    {
        using var file = new MemoryFile(16 << 20);
        using LoopPath path = LoopPath.Open("path", new LoopOptions { Engine = engine, File = file.Name });
        var random = Seeds.Random(output);
        byte[] data = new byte[16 << 20];
        random.NextBytes(data);
        Bio write = Bio.Rent(BioOp.Write);
        for (int offset = 0; offset < data.Length;)
        {
            int length = Math.Min(512 * random.Next(1, 500), data.Length - offset);
            write.AddSegment(data.AsMemory(offset, length));
            offset += length;
        }

        Assert.Equal(BlockStatus.Ok, Flight.Run(path, write));
        Assert.Equal(data, file.ReadAll());
    }

    // In units of 512 bytes, as stat counts them.
    private static long BlocksOf(MemoryFile file)
    {
        using var stat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("stat", ["-L", "-c", "%b", file.NameForOthers]) { RedirectStandardOutput = true })!;
        return long.Parse(stat.StandardOutput.ReadToEnd(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private void Check(LoopPath path, Func<byte[]> content)
    {
        byte[] expected = new byte[Size];
        int unit = path.Limits.LogicalBlockSize;
        Gen<Step> step =
            from op in Gen.Elements(BioOp.Read, BioOp.Write, BioOp.Write, BioOp.Flush, BioOp.Discard, BioOp.WriteZeroes)
            from first in Gen.Choose(0, (Size / unit) - 1)
            from length in Gen.Choose(1, Math.Min(Size / unit / 2, (Size / unit) - first))
            from segments in Gen.Choose(1, 5)
            from native in Gen.Elements(true, path.Limits.DmaAlignment != 0)
            from flags in Gen.Elements(BioFlags.None, BioFlags.Fua, BioFlags.PreFlush | BioFlags.Fua, BioFlags.NoUnmap)
            from fill in Gen.Choose(1, 255)
            select new Step(op, first * unit, length * unit, segments, native, flags, (byte)fill);
        Prop.ForAll(step.ListOf().ToArbitrary(), steps =>
        {
            foreach (Step each in steps)
            {
                Assert.Equal(BlockStatus.Ok, each.Run(path, expected));
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
