using Drivers.Tests.Kit;
using LibMultipath.Block;
using LibMultipath.IoUring.Loops;
using LibMultipath.Tests.Kit;
using LoopDriver;
using Microsoft.Win32.SafeHandles;
using Xunit.Abstractions;

namespace Drivers.Tests;

/// <summary>What becomes of the I/O that a loop's ring has, when a path fails or is removed, or the loop goes.</summary>
public sealed class LoopRingFailureTests(ITestOutputHelper output) : IDisposable
{
    private const int Block = 4096;
    private const int Size = 8 << 20;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_not_submitted_yet_when_its_path_fails_does_not_land_in_the_file_that_gets_the_number()
    {
        string file = _folder.Make("disk", Size);
        string other = _folder.Make("other", Size, fill: 0xEE);
        using RingLoop loop = Rings.Attach();
        using LoopPath path = Rings.Open(file);
        for (int round = 0; round < 20; round++)
        {
            int number = Assert.Single(Descriptors.Of(file));
            using var flight = new Flight();
            flight.Submit(path, Bio.Rent(BioOp.Write, 8 * round, Data.Filled(Block, (byte)(round + 1))));
            path.Fail();
            using var squatter = new Handles();
            for (int i = 0; i < 20; i++)
            {
                squatter.Add(File.OpenHandle(other, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite));
            }

            Assert.DoesNotContain(number, squatter.Numbers);
            Rings.Turn(loop, flight, 1);
            Assert.Equal(BlockStatus.Ok, Assert.Single(flight.Statuses));
            Assert.Empty(Descriptors.Of(file));
            Assert.Equal(BlockStatus.Transport, Flight.Run(path, Bio.Rent(BioOp.Write, 0, Data.Filled(Block, 9))));
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
        using RingLoop loop = Rings.Attach();
        using LoopPath path = Rings.Open(file);
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
            Rings.Turn(loop, flight, 25);
            Assert.All(flight.Statuses, status => Assert.Equal(BlockStatus.Ok, status));
            Assert.Single(Descriptors.Of(file));
        }
    }

    [Fact]
    public void A_path_that_fails_often_uses_one_slot_of_the_loop_and_gives_it_back()
    {
        string file = _folder.Make("disk", Size);
        using RingLoop loop = Rings.Attach();
        LoopPath path = Rings.Open(file);
        for (int round = 0; round < 2 * RingLoop.MostFiles; round++)
        {
            using var flight = new Flight();
            flight.Submit(path, Bio.Rent(BioOp.Read, 0, new byte[512]));
            Rings.Turn(loop, flight, 1);
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
            using (RingLoop loop = Rings.Attach())
            {
                for (int i = 0; i < 64; i++)
                {
                    flight.Submit(rig.Disk, Bio.Rent(BioOp.Write, i * 8, Data.Filled(Block, (byte)(i + round)), BioFlags.Fua));
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
        using RingLoop loop = Rings.Attach();
        for (int round = 0; round < 20; round++)
        {
            LoopPath leaving = rig.Add();
            using var flight = new Flight();
            for (int i = 0; i < 32; i++)
            {
                flight.Submit(rig.Disk, Bio.Rent(BioOp.Write, i * 8, Data.Filled(Block, (byte)(i + round)), BioFlags.Fua));
            }

            // A removal waits, so it is not for the loop's thread.
            Task removal = Task.Run(() => rig.Head.Remove(leaving.Path!));
            Rings.Turn(loop, flight, 32);
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
            using RingLoop loop = Rings.Attach();
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

    private sealed class Handles : IDisposable
    {
        private readonly List<SafeFileHandle> _handles = [];

        public IEnumerable<int> Numbers => _handles.Select(handle => (int)handle.DangerousGetHandle());

        public void Add(SafeFileHandle handle) => _handles.Add(handle);

        public void Dispose() => _handles.ForEach(handle => handle.Dispose());
    }
}
