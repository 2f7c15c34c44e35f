using Drivers.Tests.Kit;
using LibMultipath.Block;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using LoopDriver;
using Xunit.Abstractions;

namespace Drivers.Tests;

public abstract class LoopFailureTests(LoopEngine engine, ITestOutputHelper output) : IDisposable
{
    private const int Block = 4096;
    private const int Size = 8 << 20;

    private static readonly TimeSpan s_forEver = TimeSpan.FromDays(1);

    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_path_that_fails_gives_back_what_has_not_reached_the_kernel_and_closes_its_descriptor()
    {
        string file = _folder.Make("disk", Size);
        using LoopPath path = LoopPath.Open("path", new LoopOptions { Engine = engine, File = file, Delay = s_forEver });
        using var flight = new Flight();
        for (int i = 0; i < 8; i++)
        {
            flight.Submit(path, Bio.Rent(BioOp.Write, i * 8, new byte[Block]));
        }

        Assert.Equal(0, flight.Ended);
        path.Fail();
        flight.Wait();
        Assert.All(flight.Statuses, status => Assert.Equal(BlockStatus.Transport, status));
        Assert.True(path.IsFailed);
        Assert.Empty(Descriptors.Of(file));
        Assert.Equal(BlockStatus.Transport, Flight.Run(path, Bio.Rent(BioOp.Read, 0, new byte[Block])));
    }

    [Fact]
    public void What_is_in_a_system_call_when_its_path_fails_ends_as_it_ends_and_then_the_descriptor_goes()
    {
        string file = _folder.Make("disk", Size);
        using LoopPath path = LoopPath.Open("path", new LoopOptions { Engine = engine, File = file });
        var random = Seeds.Random(output);
        byte[] data = new byte[4 << 20];
        bool seen = false;

        // A write that has to be on the medium takes long, so it is soon met while the kernel has it; on a busy machine
        // the thread that gives it to the kernel may come late.
        for (int round = 0; round < 200 && !seen; round++)
        {
            data.AsSpan().Fill((byte)(round + 1));
            using var flight = new Flight();
            Bio bio = Bio.Rent(BioOp.Write, 0, data, BioFlags.Fua);
            flight.Submit(path, bio);
            Thread.SpinWait(random.Next(20_000 * (1 + (round / 10))));
            path.Fail();
            bool inCall = Descriptors.Of(file).Length == 1 && flight.Ended == 0;
            flight.Wait();
            if (inCall)
            {
                seen = true;
                Assert.Equal(BlockStatus.Ok, bio.Status);
                Assert.Equal(data, File.ReadAllBytes(file)[..data.Length]);
            }

            Assert.Empty(Descriptors.Of(file));
            path.Restore();
        }

        Assert.True(seen, "No write was met in its system call.");
    }

    [Fact]
    public void A_path_that_is_restored_works_with_another_descriptor()
    {
        string file = _folder.Make("disk", Size, fill: 5);
        using var rig = new LoopRig(engine, file);
        LoopPath path = rig.Add();
        path.Fail();
        Assert.False(path.Path!.IsUsable);
        path.Restore();
        Assert.True(path.Path.IsUsable);
        Assert.Single(Descriptors.Of(file));
        byte[] block = new byte[Block];
        Assert.Equal(BlockStatus.Ok, rig.Run(Bio.Rent(BioOp.Read, 0, block)));
        Assert.Equal(5, block[0]);
    }

    [Fact]
    public void A_path_is_not_restored_to_another_file_of_the_same_name()
    {
        string file = _folder.Make("disk", Size);
        using LoopPath path = LoopPath.Open("path", new LoopOptions { Engine = engine, File = file });
        path.Fail();
        File.Move(file, _folder.NameOf("moved"));
        _folder.Make("disk", Size);
        BlockException refusal = Assert.Throws<BlockException>(path.Restore);
        Assert.Equal(Errno.ENXIO, refusal.Errno);
        Assert.Contains(file, refusal.Message, StringComparison.Ordinal);
        Assert.True(path.IsFailed);
        Assert.Empty(Descriptors.Of(file));

        File.Move(_folder.NameOf("moved"), file, overwrite: true);
        path.Restore();
        Assert.False(path.IsFailed);
    }

    [Fact]
    public void A_path_is_not_restored_to_a_file_of_another_size()
    {
        string file = _folder.Make("disk", Size);
        using LoopPath path = LoopPath.Open("path", new LoopOptions { Engine = engine, File = file });
        path.Fail();
        _folder.Make("disk", Size / 2);
        Assert.Equal(Errno.ENXIO, Assert.Throws<BlockException>(path.Restore).Errno);
        Assert.True(path.IsFailed);
    }

    [Fact]
    public void A_path_that_was_removed_is_not_restored_and_its_failure_is_no_news()
    {
        using var rig = new LoopRig(engine, _folder.Make("disk", Size));
        LoopPath path = rig.Add();
        rig.Head.Remove(path.Path!);
        path.Fail();
        Assert.Throws<ObjectDisposedException>(path.Restore);
        Assert.Equal(BlockStatus.Transport, Flight.Run(path, Bio.Rent(BioOp.Read, 0, new byte[Block])));
    }

    [Fact]
    public async Task A_write_that_is_cancelled_before_it_reached_the_kernel_is_not_carried_out()
    {
        string file = _folder.Make("disk", Size);
        using LoopPath path = LoopPath.Open("path", new LoopOptions { Engine = engine, File = file, Delay = s_forEver });
        using var source = new CancellationTokenSource();
        using Bio bio = Bio.Rent(BioOp.Write, 0, Data.Filled(Block, 1));
        ValueTask<BlockStatus> ending = path.SubmitAsync(bio, source.Token);
        Assert.False(ending.IsCompleted);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await ending);
        path.Fail();
        Assert.Equal(0, (await File.ReadAllBytesAsync(file))[0]);
    }

    [Fact]
    public void IO_waits_while_all_paths_have_failed_and_goes_on_with_the_first_that_is_restored()
    {
        using var rig = new LoopRig(engine, _folder.Make("disk", Size));
        LoopPath[] paths = [rig.Add(s_forEver), rig.Add(s_forEver)];
        using var flight = new Flight();
        for (int i = 0; i < 32; i++)
        {
            flight.Submit(rig.Disk, Bio.Rent(BioOp.Write, i * 8, Data.Filled(Block, (byte)(i + 1))));
        }

        Array.ForEach(paths, path => path.Fail());
        Assert.Equal(0, flight.Ended);
        rig.Add();
        flight.Wait();
        Assert.All(flight.Statuses, status => Assert.Equal(BlockStatus.Ok, status));
    }

    [Theory]
    [InlineData("numa")]
    [InlineData("round-robin")]
    [InlineData("queue-depth")]
    public void Paths_that_fail_and_come_back_under_load_lose_nothing(string policy)
    {
        const int Slots = 32;
        const int Failures = 100;
        string file = _folder.Make("disk", Slots * Block);
        using var rig = new LoopRig(engine, file, IoPolicies.Parse(policy));
        LoopPath[] paths = [rig.Add(), rig.Add()];
        using var load = new RewriteLoad(rig.Disk, Slots, Block);
        var random = Seeds.Random(output);
        int totalLosses = 0;
        for (int i = 0; i < Failures; i++)
        {
            long seen = load.Ended;
            LoopPath path = paths[random.Next(2)];
            path.Fail();
            if (random.Next(4) == 0)
            {
                Array.ForEach(paths, each => each.Fail());
                totalLosses++;
            }
            else
            {
                Eventually.True(() => load.Ended > seen + Slots, "I/O to go on on the other path");
            }

            Array.ForEach(paths, each => each.Restore());
        }

        load.Stop();
        Assert.Equal(0, load.Errors);
        Assert.Equal(load.Submitted, load.Ended);
        Assert.Equal(load.Expected, File.ReadAllBytes(file));
        Assert.NotEqual(0, totalLosses);
        if (engine == LoopEngine.Threads)
        {
            // A ring has every attempt already when the path fails, and the kernel carries it out.
            Assert.NotEqual(0, rig.Head.Paths.Sum(each => each.Statistics.Failovers));
        }

        output.WriteLine($"{load.Ended} writes, {rig.Head.Paths.Sum(each => each.Statistics.Failovers)} failovers, {totalLosses} total losses.");
    }
}
