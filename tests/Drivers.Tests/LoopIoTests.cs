using Drivers.Tests.Kit;
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
        DiskHistory.Check(path, () => File.ReadAllBytes(file), output);
    }

    [Fact]
    public void So_it_is_where_the_file_system_cannot_zero_a_range()
    {
        using var file = new MemoryFile(Size);
        using LoopPath path = LoopPath.Open("path", new LoopOptions { Engine = engine, File = file.Name });
        DiskHistory.Check(path, file.ReadAll, output);
    }

    [DirectIoFact]
    public void So_it_is_with_direct_IO()
    {
        string file = _folder.Make("disk", Size);
        using LoopPath path = LoopPath.Open("path", new LoopOptions { Engine = engine, File = file, Direct = true });
        Assert.NotEqual(0, path.Limits.DmaAlignment);
        DiskHistory.Check(path, () => File.ReadAllBytes(file), output);
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
}
