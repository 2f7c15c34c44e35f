using LibMultipath.Block;
using Mpathd.Engine;
using Mpathd.Tests.Kit;

namespace Mpathd.Tests.Engine;

public sealed class WorkloadEngineTests
{
    private const int BlockSize = 512;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("Read", 1)]
    [InlineData("Write", 32)]
    [InlineData("RandRead", 7)]
    [InlineData("RandWrite", 32)]
    [InlineData("RandRw", 64)]
    public void Every_io_of_every_pattern_ends_once_and_well(string pattern, int depth)
    {
        using WorkloadEngine engine = Run(new MemoryDisk("m", new byte[1 << 20]), Options(Enum.Parse<AccessPattern>(pattern)) with { Depth = depth });
        Assert.Equal(0, engine.Errors);
        Assert.Equal(0, engine.UnderWay);
        Assert.Equal(0, engine.Duplicated);
        Assert.Equal(0, engine.Lost);
        Assert.Equal(engine.Work!.Ios, engine.Work.Latency().Count);
    }

    [Theory]
    [InlineData("Write", true)]
    [InlineData("RandWrite", false)]
    [InlineData("RandRw", true)]
    [InlineData("RandRw", false)]
    public void A_disk_that_does_what_it_is_told_compares(string pattern, bool atOnce)
    {
        using WorkloadEngine engine = Run(new MemoryDisk("m", new byte[1 << 20], atOnce), Verifying(Enum.Parse<AccessPattern>(pattern)));
        Assert.Equal(0, engine.Miscompares);
        Assert.True(engine.ReadBackTotal > 0);
        Assert.Equal(engine.ReadBackTotal, engine.ReadBack!.Bytes);
    }

    [Fact]
    public void A_disk_smaller_than_the_depth_is_enough()
    {
        using WorkloadEngine engine = Run(new MemoryDisk("m", new byte[BlockSize * 3]), Verifying(AccessPattern.RandRw) with { Blocks = 3, Depth = 64, MaxBlocksPerIo = 8 });
        Assert.Equal(0, engine.Miscompares);
        Assert.Equal(0, engine.UnderWay);
    }

    [Fact]
    public void Nothing_beyond_the_size_is_touched()
    {
        byte[] bytes = new byte[1 << 20];
        bytes.AsSpan().Fill(0xA5);
        using WorkloadEngine engine = Run(new MemoryDisk("m", bytes), Options(AccessPattern.RandWrite) with { Blocks = 100 });
        Assert.Equal(-1, bytes.AsSpan(100 * BlockSize).IndexOfAnyExcept((byte)0xA5));
        Assert.True(bytes.AsSpan(0, 100 * BlockSize).ContainsAnyExcept((byte)0xA5));
    }

    [Fact]
    public void Reads_write_nothing()
    {
        byte[] bytes = new byte[1 << 20];
        using WorkloadEngine engine = Run(new MemoryDisk("m", bytes), Options(AccessPattern.RandRead));
        Assert.False(bytes.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Theory]
    [InlineData("Corrupt", "checksum")]
    [InlineData("Forget", "version")]
    [InlineData("Misplace", "another block")]
    public void A_disk_that_does_wrong_miscompares(string fault, string says)
    {
        DiskFault wrong = Enum.Parse<DiskFault>(fault);
        long count = 0;
        var disk = new MemoryDisk("m", new byte[1 << 20]) { Fault = _ => Interlocked.Increment(ref count) > 2000 && count % 50 == 0 ? wrong : DiskFault.None };
        using WorkloadEngine engine = Run(disk, Verifying(AccessPattern.RandRw) with { Blocks = 64 }, ios: 10_000);
        Assert.True(engine.Miscompares > 0);
        Assert.Contains(engine.Details, detail => detail.Contains(says));
        Assert.Equal(0, engine.Errors);
    }

    [Fact]
    public void A_write_that_is_forgotten_last_is_found_by_the_read_back()
    {
        bool forget = false;
        var disk = new MemoryDisk("m", new byte[1 << 20]) { Fault = bio => bio.Op == BioOp.Write && Volatile.Read(ref forget) ? DiskFault.Forget : DiskFault.None };
        using var engine = new WorkloadEngine(disk, Verifying(AccessPattern.RandWrite));
        engine.Start();
        WaitForIos(engine, 5000);
        Volatile.Write(ref forget, true);
        WaitForIos(engine, engine.Work!.Ios + 5000);
        engine.Stop();
        Assert.True(engine.Wait(s_patience));
        Assert.Equal(0, engine.Miscompares);
        engine.StartReadBack();
        Assert.True(engine.Wait(s_patience));
        Assert.True(engine.Miscompares > 0);
    }

    [Fact]
    public void An_error_is_counted_and_what_it_leaves_behind_is_no_miscompare()
    {
        long count = 0;
        var disk = new MemoryDisk("m", new byte[1 << 20]) { Fault = _ => Interlocked.Increment(ref count) % 100 == 0 ? DiskFault.Error : DiskFault.None };
        using WorkloadEngine engine = Run(disk, Verifying(AccessPattern.RandRw));
        Assert.True(engine.Errors > 0);
        Assert.Equal(0, engine.Miscompares);
        Assert.Contains(engine.Details, detail => detail.Contains("BLK_STS_MEDIUM"));
    }

    [Fact]
    public void An_io_that_never_ends_is_lost_when_it_is_given_up()
    {
        long count = 0;
        var disk = new MemoryDisk("m", new byte[1 << 20]) { Fault = _ => Interlocked.Increment(ref count) is 500 or 600 ? DiskFault.Lose : DiskFault.None };
        var engine = new WorkloadEngine(disk, Options(AccessPattern.RandRw));
        engine.Start();
        WaitForIos(engine, 2000);
        engine.Stop();
        Eventually.True(() => engine.UnderWay == 2, "the others to end");
        Assert.False(engine.Wait(TimeSpan.FromMilliseconds(100)));
        Assert.Equal(2, engine.UnderWay);
        Assert.Equal(0, engine.Lost);
        engine.Abandon();
        Assert.True(engine.Wait(s_patience));
        Assert.Equal(2, engine.Lost);

        // It was only very late.
        foreach (BioAttempt attempt in disk.LostAttempts)
        {
            attempt.Complete(BlockStatus.Ok);
        }

        Assert.Equal(0, engine.Lost);
        Assert.Equal(0, engine.Duplicated);
        engine.Dispose();
    }

    [Fact]
    public void An_attempt_that_is_completed_twice_is_caught_by_the_library_and_not_in_the_ledger()
    {
        long stale = BlockDevice.StaleCompletions;
        long count = 0;
        var disk = new MemoryDisk("m", new byte[1 << 20]) { Fault = _ => Interlocked.Increment(ref count) % 100 == 0 ? DiskFault.CompleteTwice : DiskFault.None };
        using WorkloadEngine engine = Run(disk, Verifying(AccessPattern.RandRw));
        Assert.True(BlockDevice.StaleCompletions > stale);
        Assert.Equal(0, engine.Duplicated);
        Assert.Equal(0, engine.Miscompares);
    }

    [Fact]
    public void An_io_whose_submitter_is_told_twice_is_counted()
    {
        long count = 0;
        var disk = new MemoryDisk("m", new byte[1 << 20]) { Fault = _ => Interlocked.Increment(ref count) is 1000 or 1500 ? DiskFault.EndTwice : DiskFault.None };
        using WorkloadEngine engine = Run(disk, Options(AccessPattern.RandRw));
        Assert.Equal(2, engine.Duplicated);
    }

    [Fact]
    public void The_same_seed_begins_with_the_same_ios()
    {
        List<(BioOp, long)> first = FirstIos(seed: 7), again = FirstIos(seed: 7), other = FirstIos(seed: 8);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    private static List<(BioOp Op, long Sector)> FirstIos(ulong seed)
    {
        var seen = new List<(BioOp, long)>();
        var disk = new MemoryDisk("m", new byte[1 << 20], atOnce: true)
        {
            Fault = bio =>
            {
                if (seen.Count < 500)
                {
                    seen.Add((bio.Op, bio.Sector));
                }

                return DiskFault.None;
            },
        };
        using WorkloadEngine engine = Run(disk, Options(AccessPattern.RandRw) with { Seed = seed, Lanes = 1, FlushOnceIn = 20 });
        return seen;
    }

    private static WorkloadEngine Run(BlockDevice disk, WorkloadOptions options, long ios = 5000)
    {
        var engine = new WorkloadEngine(disk, options);
        engine.Start();
        WaitForIos(engine, ios);
        engine.Stop();
        Assert.True(engine.Wait(s_patience));
        if (options.Verify)
        {
            engine.StartReadBack();
            Assert.True(engine.Wait(s_patience));
        }

        return engine;
    }

    private static void WaitForIos(WorkloadEngine engine, long ios) =>
        Eventually.True(() => engine.Work!.Ios >= ios, $"{ios} I/Os");

    private static WorkloadOptions Options(AccessPattern pattern) => new()
    {
        Pattern = pattern,
        BlockSize = BlockSize,
        Blocks = (1 << 20) / BlockSize,
        Depth = 16,
        Seed = 1,
    };

    private static WorkloadOptions Verifying(AccessPattern pattern) => Options(pattern) with
    {
        Verify = true,
        Zeroed = true,
        MaxBlocksPerIo = 4,
        FlushOnceIn = 100,
        FuaOnceIn = 100,
    };
}
