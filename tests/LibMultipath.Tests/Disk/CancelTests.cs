using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk;

public sealed class CancelTests
{
    [Fact]
    public async Task A_bio_that_waits_for_a_path_ends_at_once()
    {
        using Rig rig = new(1);
        rig.LoseAll();
        Io other = rig.Submit();
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);
        using CancellationTokenSource source = new();
        ValueTask<BlockStatus> task = rig.Disk.SubmitAsync(bio, source.Token);
        Assert.Equal(2, rig.Disk.WaitingCount);

        source.Cancel();

        Assert.False(bio.IsSubmitted);
        OperationCanceledException cancelled = await Assert.ThrowsAsync<OperationCanceledException>(async () => await task);
        Assert.Equal(source.Token, cancelled.CancellationToken);
        Assert.Equal(BlockStatus.Again, bio.Status);
        Assert.Equal(1, rig.Disk.WaitingCount);
        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        rig.Work.RunAll();
        other.AssertEnded(BlockStatus.Ok);
        Assert.Equal([0], rig.Picks);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Any_of_those_that_wait_can_be_taken_out(int which)
    {
        using Rig rig = new(1);
        rig.LoseAll();
        CancellationTokenSource[] sources = [new(), new(), new()];
        Bio[] bios = [.. sources.Select((_, i) => Bio.Rent(BioOp.Read, i, new byte[512]))];
        ValueTask<BlockStatus>[] tasks = [.. bios.Select((bio, i) => rig.Disk.SubmitAsync(bio, sources[i].Token))];

        sources[which].Cancel();
        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        rig.Work.RunAll();

        for (int i = 0; i < 3; i++)
        {
            ValueTask<BlockStatus> task = tasks[i];
            if (i == which)
            {
                await Assert.ThrowsAsync<OperationCanceledException>(async () => await task);
            }
            else
            {
                Assert.Equal(BlockStatus.Ok, await task);
            }

            bios[i].Dispose();
            sources[i].Dispose();
        }

        Assert.Equal([0, 0], rig.Picks);
    }

    [Fact]
    public async Task A_bio_that_is_with_a_driver_ends_when_the_driver_gives_it_back()
    {
        using Rig rig = new(2);
        rig[0].Hold = true;
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);
        using CancellationTokenSource source = new();
        ValueTask<BlockStatus> task = rig.Disk.SubmitAsync(bio, source.Token);

        source.Cancel();

        Assert.Equal(1, rig[0].Aborts);
        Assert.True(bio.IsSubmitted);
        rig[0].Take().FailPath(BlockStatus.Transport);
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await task);
        Assert.Equal(BlockStatus.Again, bio.Status);
        Assert.Equal([0], rig.Picks);
        Assert.Equal(0, rig.Disk.WaitingCount);
    }

    [Fact]
    public async Task A_bio_that_was_done_before_the_driver_heard_of_it_is_done()
    {
        using Rig rig = new(1);
        rig[0].Hold = true;
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);
        using CancellationTokenSource source = new();
        ValueTask<BlockStatus> task = rig.Disk.SubmitAsync(bio, source.Token);
        source.Cancel();

        rig[0].Take().Complete(BlockStatus.Ok);

        Assert.Equal(BlockStatus.Ok, await task);
    }

    [Fact]
    public async Task A_bio_that_waits_to_be_retried_ends_at_once()
    {
        using Rig rig = new(1);
        rig[0].OnSubmit = attempt => attempt.RetryHere(BlockStatus.Resource, TimeSpan.FromSeconds(10));
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);
        using CancellationTokenSource source = new();
        ValueTask<BlockStatus> task = rig.Disk.SubmitAsync(bio, source.Token);

        source.Cancel();

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await task);
        rig.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([0], rig.Picks);
    }

    [Fact]
    public async Task What_is_cancelled_before_it_is_submitted_does_not_wait()
    {
        using Rig rig = new(1);
        rig.LoseAll();
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await rig.Disk.SubmitAsync(bio, new CancellationToken(true)));

        Assert.Equal(0, rig.Disk.WaitingCount);
    }

    [Fact]
    public async Task What_is_asked_back_while_it_fails_over_does_not_go_on()
    {
        using Rig rig = new(2);
        rig[0].FailWith(BlockStatus.Transport);
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);
        using CancellationTokenSource source = new();
        ValueTask<BlockStatus> task = rig.Disk.SubmitAsync(bio, source.Token);

        source.Cancel();
        rig.Work.RunAll();

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await task);
        Assert.Equal([0], rig.Picks);
    }

    [Fact]
    public async Task Cancelling_and_requeueing_at_the_same_time_end_every_bio_once()
    {
        using Rig rig = new(1);
        rig.LoseAll();
        for (int round = 0; round < 300; round++)
        {
            using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);
            using CancellationTokenSource source = new();
            Task<BlockStatus> task = rig.Disk.SubmitAsync(bio, source.Token).AsTask();
            Task requeue = Task.Run(() =>
            {
                rig.Head.ScheduleRequeue();
                rig.Work.RunAll();
            });
            source.Cancel();
            await requeue;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
            Assert.False(bio.IsSubmitted);
            Assert.Equal(0, rig.Disk.WaitingCount);
        }
    }
}
