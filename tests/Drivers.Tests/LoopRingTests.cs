using Drivers.Tests.Kit;
using LibMultipath.Block;
using LibMultipath.IoUring;
using LibMultipath.IoUring.Loops;
using LibMultipath.Tests.Kit;
using LoopDriver;
using Microsoft.Win32.SafeHandles;
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
        using LoopPath path = Open(_folder.Make("disk", Size, fill: 3));
        using RingLoop loop = Attach();
        using var flight = new Flight();
        byte[] block = new byte[Block];
        flight.Submit(path, Bio.Rent(BioOp.Read, 0, block));
        Assert.Equal(1, loop.UnderWay);
        Assert.Equal(1, loop.Ring.Unsubmitted);
        Turn(loop, flight, 1);
        Assert.Equal(BlockStatus.Ok, Assert.Single(flight.Statuses));
        Assert.Equal(3, block[^1]);
        Assert.Equal(0, loop.UnderWay);
    }

    [Fact]
    public void A_slow_device_is_slow_on_a_loops_thread_too()
    {
        using LoopPath path = LoopPath.Open("path", new LoopOptions { File = _folder.Make("disk", Size), Delay = TimeSpan.FromDays(1) });
        using RingLoop loop = Attach();
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
        using LoopPath path = Open(file.Name);
        using RingLoop loop = Attach();
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
                    Turn(loop, flight, 1);
                    if (op == BioOp.Write)
                    {
                        data.CopyTo(expected, offset);
                    }

                    Assert.True(data.AsSpan().SequenceEqual(expected.AsSpan(offset, length)), $"Round {i} read something else.");
                    break;
            }

            Turn(loop, flight, 1);
            Assert.Equal(BlockStatus.Ok, Assert.Single(flight.Statuses));
        }

        Assert.Equal(expected, file.ReadAll());
    }

    [Fact]
    public void An_IO_on_a_loops_thread_allocates_nothing()
    {
        const int Depth = 16;
        using var file = new MemoryFile(Size);
        using LoopPath path = Open(file.Name);
        using RingLoop loop = Attach();
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

    [Fact]
    public void What_was_not_submitted_yet_when_its_path_fails_does_not_land_in_the_file_that_gets_the_number()
    {
        string file = _folder.Make("disk", Size);
        string other = _folder.Make("other", Size, fill: 0xEE);
        using RingLoop loop = Attach();
        using LoopPath path = Open(file);
        for (int round = 0; round < 20; round++)
        {
            int number = Assert.Single(Descriptors.Of(file));
            using var flight = new Flight();
            flight.Submit(path, Bio.Rent(BioOp.Write, 8 * round, Filled(Block, (byte)(round + 1))));
            path.Fail();
            using var squatter = new Handles();
            for (int i = 0; i < 20; i++)
            {
                squatter.Add(File.OpenHandle(other, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite));
            }

            Assert.DoesNotContain(number, squatter.Numbers);
            Turn(loop, flight, 1);
            Assert.Equal(BlockStatus.Ok, Assert.Single(flight.Statuses));
            Assert.Empty(Descriptors.Of(file));
            Assert.Equal(BlockStatus.Transport, Flight.Run(path, Bio.Rent(BioOp.Write, 0, Filled(Block, 9))));
            Assert.Equal(0, loop.UnderWay);
            path.Restore();
        }

        Assert.Equal(-1, File.ReadAllBytes(other).AsSpan().IndexOfAnyExcept((byte)0xEE));
        Assert.Equal(Enumerable.Range(1, 20), File.ReadAllBytes(file).Chunk(Block).Take(20).Select(block => (int)block[0]));
    }

    [Fact]
    public void What_the_kernel_has_left_to_a_worker_ends_with_its_file_when_the_path_fails_and_comes_back()
    {
        string file = _folder.Make("disk", Size);
        using RingLoop loop = Attach();
        using LoopPath path = Open(file);
        for (int round = 0; round < 50; round++)
        {
            using var flight = new Flight();
            for (int i = 0; i < 8; i++)
            {
                flight.Submit(path, Bio.Rent(BioOp.Flush));
                flight.Submit(path, Bio.Rent(BioOp.Discard, i * 8, Block));
                flight.Submit(path, Bio.Rent(BioOp.WriteZeroes, i * 8, Block, BioFlags.NoUnmap));
            }

            loop.Poll(TimeSpan.Zero);
            path.Fail();
            loop.Poll(TimeSpan.Zero);
            path.Restore();
            flight.Submit(path, Bio.Rent(BioOp.Read, 0, new byte[512]));
            Turn(loop, flight, 25);
            Assert.All(flight.Statuses, status => Assert.Equal(BlockStatus.Ok, status));
            Assert.Single(Descriptors.Of(file));
        }
    }

    [Fact]
    public void A_path_that_fails_often_uses_one_slot_of_the_loop_and_gives_it_back()
    {
        string file = _folder.Make("disk", Size);
        using RingLoop loop = Attach();
        LoopPath path = Open(file);
        for (int round = 0; round < 2 * RingLoop.MostFiles; round++)
        {
            using var flight = new Flight();
            flight.Submit(path, Bio.Rent(BioOp.Read, 0, new byte[512]));
            Turn(loop, flight, 1);
            path.Fail();
            path.Restore();
        }

        path.Dispose();
        loop.Poll(TimeSpan.Zero);
        using SafeFileHandle handle = File.OpenHandle(file);
        Assert.Equal(0, loop.AddFile(handle));
    }

    [Fact]
    public void A_loop_that_is_disposed_ends_its_IO_which_goes_on_on_other_paths()
    {
        string file = _folder.Make("disk", Size);
        for (int round = 0; round < 20; round++)
        {
            using var rig = new LoopRig(LoopEngine.Ring, file);
            rig.Add();
            rig.Add();
            using var flight = new Flight();
            using (RingLoop loop = Attach())
            {
                for (int i = 0; i < 64; i++)
                {
                    flight.Submit(rig.Disk, Bio.Rent(BioOp.Write, i * 8, Filled(Block, (byte)(i + round)), BioFlags.Fua));
                }

                Assert.Equal(64, loop.UnderWay);
                loop.Poll(TimeSpan.Zero);
            }

            flight.Wait();
            Assert.All(flight.Statuses, status => Assert.Equal(BlockStatus.Ok, status));
            Assert.Equal(Enumerable.Range(round, 64).Select(i => (int)(byte)i), File.ReadAllBytes(file).Chunk(Block).Take(64).Select(block => (int)block[0]));
        }
    }

    [Fact]
    public void A_path_that_is_removed_while_a_loop_has_its_IO_loses_none()
    {
        string file = _folder.Make("disk", Size);
        using var rig = new LoopRig(LoopEngine.Ring, file);
        rig.Add();
        using RingLoop loop = Attach();
        for (int round = 0; round < 20; round++)
        {
            LoopPath leaving = rig.Add();
            using var flight = new Flight();
            for (int i = 0; i < 32; i++)
            {
                flight.Submit(rig.Disk, Bio.Rent(BioOp.Write, i * 8, Filled(Block, (byte)(i + round)), BioFlags.Fua));
            }

            // A removal waits, so it is not for the loop's thread.
            Task removal = Task.Run(() => rig.Head.Remove(leaving.Path!));
            Turn(loop, flight, 32);
            Eventually.True(() => loop.Poll(TimeSpan.FromMilliseconds(1)) | removal.IsCompleted, "the removal");
            Assert.All(flight.Statuses, status => Assert.Equal(BlockStatus.Ok, status));
            Eventually.True(() => removal.IsCompletedSuccessfully, "the removal");
        }

        Assert.Single(Descriptors.Of(file));
    }

    [Fact]
    public void Paths_that_fail_and_come_back_while_a_loop_submits_lose_nothing()
    {
        const int Slots = 32;
        string file = _folder.Make("disk", Slots * Block);
        using var rig = new LoopRig(LoopEngine.Ring, file);
        LoopPath[] paths = [rig.Add(), rig.Add()];
        RewriteLoad? load = null;
        bool stop = false;
        var driver = new Thread(() =>
        {
            using RingLoop loop = Attach();
            Volatile.Write(ref load, new RewriteLoad(rig.Disk, Slots, Block));
            while (!Volatile.Read(ref stop))
            {
                loop.Poll(TimeSpan.FromMilliseconds(1));
            }
        });
        driver.Start();
        Eventually.True(() => Volatile.Read(ref load) is not null, "the load to begin");
        var random = Seeds.Random(output);
        for (int i = 0; i < 100; i++)
        {
            long seen = load!.Ended;
            paths[random.Next(2)].Fail();
            if (random.Next(4) == 0)
            {
                Array.ForEach(paths, each => each.Fail());
            }
            else
            {
                Eventually.True(() => load.Ended > seen + Slots, "I/O to go on on the other path");
            }

            Array.ForEach(paths, each => each.Restore());
        }

        load!.Stop();
        Volatile.Write(ref stop, true);
        Assert.True(driver.Join(Eventually.Limit));
        Assert.Equal(0, load.Errors);
        Assert.Equal(load.Submitted, load.Ended);
        Assert.Equal(load.Expected, File.ReadAllBytes(file));
        output.WriteLine($"{load.Ended} writes, {rig.Head.Paths.Sum(each => each.Statistics.Failovers)} failovers.");
        load.Dispose();
    }

    private static LoopPath Open(string file) => LoopPath.Open("path", new LoopOptions { File = file, Engine = LoopEngine.Ring });

    private static RingLoop Attach()
    {
        var loop = new RingLoop();
        loop.Attach();
        return loop;
    }

    // The ends come on this thread.
    private static void Turn(RingLoop loop, Flight flight, int ends)
    {
        while (flight.Ended < ends)
        {
            loop.Poll(TimeSpan.FromMilliseconds(100));
        }
    }

    private static byte[] Filled(int size, byte value)
    {
        byte[] data = new byte[size];
        data.AsSpan().Fill(value);
        return data;
    }

    private LoopOptions WithoutRings(LoopEngine engine) => new()
    {
        File = _folder.Make("disk", Size),
        Engine = engine,
        MakeLoop = () => throw new RingException(Errno.EPERM, "making a ring", "there is no io_uring here"),
    };

    private sealed class Handles : IDisposable
    {
        private readonly List<SafeFileHandle> _handles = [];

        public IEnumerable<int> Numbers => _handles.Select(handle => (int)handle.DangerousGetHandle());

        public void Add(SafeFileHandle handle) => _handles.Add(handle);

        public void Dispose() => _handles.ForEach(handle => handle.Dispose());
    }
}
