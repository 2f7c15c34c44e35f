using Drivers.Tests.Kit;
using LibMultipath.Block;
using LibMultipath.IoUring;
using LibMultipath.IoUring.Loops;
using LibMultipath.Tests.Kit;
using LoopDriver;
using Xunit.Abstractions;

namespace Drivers.Tests;

/// <summary>Which engine a path has, and what is particular to rings: submission on a thread that drives a loop.</summary>
public sealed class LoopRingTests(ITestOutputHelper output) : IDisposable
{
    private const int Block = 4096;
    private const int Size = 8 << 20;

    private static readonly BioOp[] s_ops = [BioOp.Read, BioOp.Write, BioOp.Write, BioOp.Flush, BioOp.Discard, BioOp.WriteZeroes];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(LoopEngine.Auto, LoopEngine.Ring)]
    [InlineData(LoopEngine.Ring, LoopEngine.Ring)]
    [InlineData(LoopEngine.Threads, LoopEngine.Threads)]
    public void Where_there_are_rings_they_are_used_unless_threads_are_asked_for(LoopEngine asked, LoopEngine got)
    {
        using LoopPath path = LoopPath.Open("path", new LoopOptions { File = _folder.Make("disk", Size), Engine = asked });
        Assert.Equal(got, path.Engine);
        Assert.Null(path.WhyNoRing);
    }

    [Fact]
    public void Without_io_uring_threads_do_it_and_the_path_says_why()
    {
        using LoopPath path = LoopPath.Open("path", WithoutRings(LoopEngine.Auto));
        Assert.Equal(LoopEngine.Threads, path.Engine);
        Assert.Contains("there is no io_uring here", path.WhyNoRing, StringComparison.Ordinal);
        Assert.Equal(BlockStatus.Ok, Flight.Run(path, Bio.Rent(BioOp.Write, 0, new byte[Block])));
    }

    [Fact]
    public void A_ring_that_is_asked_for_and_cannot_be_is_refused_and_nothing_stays_open()
    {
        LoopOptions options = WithoutRings(LoopEngine.Ring);
        BlockException refusal = Assert.Throws<BlockException>(() => LoopPath.Open("path", options));
        Assert.Equal(Errno.EPERM, refusal.Errno);
        Assert.Contains("there is no io_uring here", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Descriptors.Of(options.File));
    }

    [Fact]
    public void What_is_submitted_on_a_loops_thread_goes_onto_its_ring_and_ends_there()
    {
        using LoopPath path = Rings.Open(_folder.Make("disk", Size, fill: 3));
        using RingLoop loop = Rings.Attach();
        using var flight = new Flight();
        byte[] block = new byte[Block];
        flight.Submit(path, Bio.Rent(BioOp.Read, 0, block));
        Assert.Equal(1, loop.UnderWay);
        Assert.Equal(1, loop.Ring.Unsubmitted);
        Rings.Turn(loop, flight, 1);
        Assert.Equal(BlockStatus.Ok, Assert.Single(flight.Statuses));
        Assert.Equal(3, block[^1]);
        Assert.Equal(0, loop.UnderWay);
    }

    [Fact]
    public void A_slow_device_is_slow_on_a_loops_thread_too()
    {
        using LoopPath path = LoopPath.Open("path", new LoopOptions { File = _folder.Make("disk", Size), Delay = TimeSpan.FromDays(1) });
        using RingLoop loop = Rings.Attach();
        using var flight = new Flight();
        flight.Submit(path, Bio.Rent(BioOp.Read, 0, new byte[Block]));
        Assert.Equal(0, loop.UnderWay);
        path.Fail();
        flight.Wait();
    }

    [Fact]
    public void Every_operation_does_on_a_loops_thread_what_it_does_elsewhere()
    {
        using var file = new MemoryFile(Size);
        using LoopPath path = Rings.Open(file.Name);
        using RingLoop loop = Rings.Attach();
        var random = Seeds.Random(output);
        byte[] expected = new byte[Size];
        for (int i = 0; i < 500; i++)
        {
            int offset = random.Next((Size / 512) - 1) * 512;
            int length = Math.Min(512 * random.Next(1, random.Next(8) == 0 ? 2000 : 64), Size - offset);
            BioOp op = s_ops[random.Next(s_ops.Length)];
            using var flight = new Flight();
            switch (op)
            {
                case BioOp.Flush:
                    flight.Submit(path, Bio.Rent(op));
                    break;
                case BioOp.Discard or BioOp.WriteZeroes:
                    expected.AsSpan(offset, length).Clear();
                    flight.Submit(path, Bio.Rent(op, offset / 512, length, op == BioOp.WriteZeroes && random.Next(2) == 0 ? BioFlags.NoUnmap : BioFlags.None));
                    break;
                default:
                    byte[] data = new byte[length];
                    random.NextBytes(data);
                    Bio bio = Bio.Rent(op, offset / 512, flags: op == BioOp.Write && random.Next(2) == 0 ? BioFlags.Fua : BioFlags.None);
                    int part = 512 * random.Next(1 + (length / 512 / 60), 1 + (length / 512));
                    for (int at = 0; at < length; at += part)
                    {
                        bio.AddSegment(data.AsMemory(at, Math.Min(part, length - at)));
                    }

                    flight.Submit(path, bio);
                    Rings.Turn(loop, flight, 1);
                    if (op == BioOp.Write)
                    {
                        data.CopyTo(expected, offset);
                    }

                    Assert.True(data.AsSpan().SequenceEqual(expected.AsSpan(offset, length)), $"Round {i} read something else.");
                    break;
            }

            Rings.Turn(loop, flight, 1);
            Assert.Equal(BlockStatus.Ok, Assert.Single(flight.Statuses));
        }

        Assert.Equal(expected, file.ReadAll());
    }

    [Fact]
    public void An_IO_on_a_loops_thread_allocates_nothing()
    {
        const int Depth = 16;
        using var file = new MemoryFile(Size);
        using LoopPath path = Rings.Open(file.Name);
        using RingLoop loop = Rings.Attach();
        int left = 1_000_000;
        int running = Depth;
        int errors = 0;
        Bio[] bios = [.. Enumerable.Range(0, Depth).Select(i => Bio.Rent(i % 2 == 0 ? BioOp.Read : BioOp.Write, i * 8, new byte[512]))];
        foreach (Bio bio in bios)
        {
            if (bio.Sector % 32 < 16)
            {
                bio.AddSegment(new byte[512]);
            }

            bio.EndIo = ended =>
            {
                errors += ended.Status == BlockStatus.Ok ? 0 : 1;
                if (--left > 0)
                {
                    path.Submit(ended);
                }
                else
                {
                    running--;
                }
            };
            path.Submit(bio);
        }

        for (int i = 0; i < 1000; i++)
        {
            loop.Poll(Timeout.InfiniteTimeSpan);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        while (running > 0)
        {
            loop.Poll(Timeout.InfiniteTimeSpan);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, errors);

        // What the runtime needs while it compiles the code anew is not per I/O.
        Assert.InRange(allocated, 0, 20_000);
        Array.ForEach(bios, bio => bio.Dispose());
    }

    private LoopOptions WithoutRings(LoopEngine engine) => new()
    {
        File = _folder.Make("disk", Size),
        Engine = engine,
        MakeLoop = () => throw new RingException(Errno.EPERM, "making a ring", "there is no io_uring here"),
    };
}
