using LibMultipath.Block;
using LibMultipath.Tests.Kit;

namespace LibMultipath.Tests.Block;

public sealed class CancellationTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly LogRecorder _log = new();

    [Fact]
    public async Task A_token_that_is_cancelled_already_keeps_the_bio_from_the_driver()
    {
        var disk = new TestDisk();
        using Bio bio = NewBio();

        ValueTask<BlockStatus> task = disk.SubmitAsync(bio, new CancellationToken(canceled: true));

        Assert.True(task.IsCanceled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await task);
        Assert.Equal(BlockStatus.Again, bio.Status);
        Assert.False(bio.IsSubmitted);
        Assert.Empty(disk.Seen);
    }

    [Fact]
    public void A_bio_with_a_callback_can_be_asked_back_too()
    {
        using var source = new CancellationTokenSource();
        var ended = new List<BlockStatus>();
        var disk = new TestDisk(timeProvider: _time);
        using Bio bio = NewBio();
        bio.EndIo = each => ended.Add(each.Status);
        disk.Submit(bio, source.Token);
        disk.TakeHeld().RetryHere(BlockStatus.Resource, TimeSpan.FromMinutes(1));
        Assert.Empty(ended);

        source.Cancel();
        disk.Submit(bio, source.Token);

        Assert.Equal([BlockStatus.Again, BlockStatus.Again], ended);
        Assert.Single(disk.Seen);
    }

    [Fact]
    public async Task A_bio_that_waits_to_be_retried_ends_at_once()
    {
        using var source = new CancellationTokenSource();
        var disk = new TestDisk(timeProvider: _time);
        using Bio bio = NewBio();
        ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);
        disk.TakeHeld().RetryHere(BlockStatus.Resource, TimeSpan.FromMinutes(1));

        source.Cancel();

        Assert.True(task.IsCanceled);
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await task);
        Assert.Equal(source.Token, exception.CancellationToken);
        Assert.Equal(BlockStatus.Again, bio.Status);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Single(disk.Seen);
    }

    [Fact]
    public async Task A_bio_at_the_driver_is_asked_back_and_ends_when_the_driver_gives_it_back()
    {
        using var source = new CancellationTokenSource();
        var asked = new List<BioAttempt>();
        var disk = new TestDisk { OnAbort = asked.Add };
        using Bio bio = NewBio();
        ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);

        source.Cancel();
        BioAttempt attempt = disk.TakeHeld();
        Assert.Equal(attempt, Assert.Single(asked));
        Assert.False(task.IsCompleted);
        Assert.True(bio.IsSubmitted);
        attempt.Complete(BlockStatus.IoError);

        Assert.True(task.IsCanceled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await task);
        Assert.Equal(BlockStatus.Again, bio.Status);
    }

    [Fact]
    public async Task A_driver_may_give_the_bio_back_inside_abort()
    {
        using var source = new CancellationTokenSource();
        var disk = new TestDisk { OnAbort = attempt => attempt.FailPath(BlockStatus.Transport) };
        using Bio bio = NewBio();
        ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);

        source.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await task);
        Assert.False(bio.IsSubmitted);
    }

    [Fact]
    public async Task A_driver_that_carries_it_out_nevertheless_makes_it_a_success()
    {
        using var source = new CancellationTokenSource();
        var disk = new TestDisk();
        using Bio bio = NewBio();
        ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);

        source.Cancel();
        disk.TakeHeld().Complete(BlockStatus.Ok);

        Assert.Equal(BlockStatus.Ok, await task);
    }

    [Fact]
    public async Task A_bio_that_was_asked_back_is_not_retried()
    {
        using var source = new CancellationTokenSource();
        var disk = new TestDisk(timeProvider: _time);
        using Bio bio = NewBio();
        ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);

        source.Cancel();
        disk.TakeHeld().RetryHere(BlockStatus.Resource);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await task);
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public async Task A_request_while_the_driver_takes_the_bio_is_not_forgotten()
    {
        using var source = new CancellationTokenSource();
        var asked = new List<BioAttempt>();
        var disk = new TestDisk
        {
            OnAbort = attempt =>
            {
                asked.Add(attempt);
                attempt.Complete(BlockStatus.IoError);
            },
            OnSubmit = _ => source.Cancel(),
        };
        using Bio bio = NewBio();

        ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await task);
        Assert.Single(asked);
    }

    [Fact]
    public async Task A_driver_that_throws_from_abort_still_has_the_bio()
    {
        using var source = new CancellationTokenSource();
        var disk = new TestDisk(logger: _log) { OnAbort = _ => throw new NotSupportedException("no") };
        using Bio bio = NewBio();
        ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);

        source.Cancel();
        Assert.Equal(1, _log.Count(203));
        Assert.False(task.IsCompleted);
        disk.TakeHeld().Complete(BlockStatus.Medium);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await task);
        Assert.Equal(BlockStatus.Ok, await Resubmit(disk, bio));
    }

    [Fact]
    public async Task Every_part_of_a_split_bio_is_asked_back()
    {
        using var source = new CancellationTokenSource();
        var asked = new List<BioAttempt>();
        var disk = new TestDisk(new QueueLimits { MaxSectors = 8 }, timeProvider: _time) { OnAbort = asked.Add };
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[4 * 4096]);
        ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);
        disk.TakeHeld().Complete(BlockStatus.Ok);
        disk.TakeHeld().RetryHere(BlockStatus.Resource, TimeSpan.FromMinutes(1));

        source.Cancel();
        Assert.Equal([16L, 24], asked.Select(attempt => attempt.Bio.Sector));
        Assert.False(task.IsCompleted);
        disk.TakeHeld().Complete(BlockStatus.IoError);
        Assert.False(task.IsCompleted);
        disk.TakeHeld().Complete(BlockStatus.Ok);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await task);
        Assert.Equal(BlockStatus.Again, bio.Status);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(4, disk.Seen.Length);
        Assert.Equal(BlockStatus.Ok, await Resubmit(disk, bio));
    }

    [Fact]
    public async Task A_split_bio_ends_inside_the_request_when_the_driver_gives_every_part_back()
    {
        using var source = new CancellationTokenSource();
        var disk = new TestDisk(new QueueLimits { MaxSectors = 8 }) { OnAbort = attempt => attempt.Complete(BlockStatus.IoError) };
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[4 * 4096]);
        ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);

        source.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await task);
        Assert.False(bio.IsSubmitted);
    }

    [Fact]
    public async Task A_request_between_the_steps_stops_the_next()
    {
        using var source = new CancellationTokenSource();
        var disk = new TestDisk(new QueueLimits { Features = QueueFeatures.WriteCache });
        using Bio bio = Bio.Rent(BioOp.Write, 0, new byte[512], BioFlags.PreFlush);
        ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);

        source.Cancel();
        disk.TakeHeld().Complete(BlockStatus.Ok);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await task);
        Assert.Equal(BioOp.Flush, Assert.Single(disk.Seen).Op);
        Assert.Equal(BioFlags.PreFlush, bio.Flags);
    }

    [Fact]
    public async Task A_request_while_parts_are_cut_off_stops_the_cutting()
    {
        using var source = new CancellationTokenSource();
        TestDisk? disk = null;
        disk = new TestDisk(new QueueLimits { MaxDiscardSectors = 1 })
        {
            OnSubmit = attempt =>
            {
                if (disk!.Seen.Length == 10)
                {
                    source.Cancel();
                }

                attempt.Complete(BlockStatus.Ok);
            },
        };
        using Bio bio = Bio.Rent(BioOp.Discard, 0, 512 * 4 * BioSplitter.Batch);

        ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await task);
        Assert.InRange(disk.Seen.Length, 10, BioSplitter.Batch);
    }

    [Fact]
    public async Task A_token_that_is_cancelled_after_the_end_touches_nothing()
    {
        using var source = new CancellationTokenSource();
        var asked = new List<BioAttempt>();
        var disk = new TestDisk { OnAbort = asked.Add };
        using Bio bio = NewBio();
        ValueTask<BlockStatus> first = disk.SubmitAsync(bio, source.Token);
        disk.TakeHeld().Complete(BlockStatus.Ok);
        Assert.Equal(BlockStatus.Ok, await first);

        ValueTask<BlockStatus> second = disk.SubmitAsync(bio);
        source.Cancel();

        Assert.Empty(asked);
        disk.TakeHeld().Complete(BlockStatus.Medium);
        Assert.Equal(BlockStatus.Medium, await second);
    }

    [Fact]
    public async Task A_source_that_is_disposed_before_the_end_is_no_harm()
    {
        var source = new CancellationTokenSource();
        var disk = new TestDisk();
        using Bio bio = NewBio();
        ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);

        source.Dispose();
        disk.TakeHeld().Complete(BlockStatus.Ok);

        Assert.Equal(BlockStatus.Ok, await task);
    }

    [Fact]
    public async Task A_source_that_was_disposed_before_the_submission_is_no_harm()
    {
        var source = new CancellationTokenSource();
        CancellationToken token = source.Token;
        source.Dispose();
        using Bio bio = NewBio();

        Assert.Equal(BlockStatus.Ok, await new NullDisk().SubmitAsync(bio, token));
    }

    [Fact]
    public async Task A_source_that_is_reset_and_cancelled_while_the_bio_is_submitted_does_not_lose_it()
    {
        using var source = new CancellationTokenSource();
        var disk = new TestDisk();
        using Bio bio = NewBio();
        ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);

        Assert.True(source.TryReset());
        source.Cancel();
        disk.TakeHeld().Complete(BlockStatus.Ok);

        Assert.Equal(BlockStatus.Ok, await task.AsTask().WaitAsync(Eventually.Limit));
        Assert.Equal(BlockStatus.Ok, await Resubmit(disk, bio));
    }

    [Fact]
    public async Task A_bio_that_ends_before_its_callback_begins_is_not_touched_by_it()
    {
        // Callbacks run in the reverse order of their registration: the later one ends the bio while the bio's own is next.
        using var source = new CancellationTokenSource();
        var asked = new List<BioAttempt>();
        var disk = new TestDisk { OnAbort = asked.Add };
        using Bio bio = NewBio();
        ValueTask<BlockStatus> first = disk.SubmitAsync(bio, source.Token);
        ValueTask<BlockStatus> second = default;
        bool endedInTime = false;
        using CancellationTokenRegistration later = source.Token.UnsafeRegister(
            _ =>
            {
                disk.TakeHeld().Complete(BlockStatus.Ok);
                endedInTime = first.IsCompletedSuccessfully;
                second = disk.SubmitAsync(bio);
            },
            null);

        source.Cancel();

        Assert.True(endedInTime);
        Assert.Empty(asked);
        Assert.False(second.IsCompleted);
        disk.TakeHeld().Complete(BlockStatus.Medium);
        Assert.Equal(BlockStatus.Medium, await second);
    }

    [Fact]
    public async Task A_bio_that_ends_while_its_callback_runs_is_signalled_when_that_is_through()
    {
        using var source = new CancellationTokenSource();
        using var inside = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var disk = new TestDisk
        {
            OnAbort = _ =>
            {
                inside.Release();
                Assert.True(goOn.Wait(Eventually.Limit));
            },
        };
        using Bio bio = NewBio();
        Task<BlockStatus> task = disk.SubmitAsync(bio, source.Token).AsTask();
        Task cancel = Task.Run(source.Cancel);
        Assert.True(await inside.WaitAsync(Eventually.Limit));

        Assert.True(disk.TakeHeld().Complete(BlockStatus.Ok));
        Assert.True(bio.IsSubmitted);
        Assert.False(task.IsCompleted);
        goOn.Release();

        Assert.Equal(BlockStatus.Ok, await task.WaitAsync(Eventually.Limit));
        await cancel.WaitAsync(Eventually.Limit);
        Assert.Equal(0, _log.Count(203));
    }

    [Fact]
    public async Task A_bio_can_be_cancelled_again_and_again()
    {
        var disk = new TestDisk { OnAbort = attempt => attempt.Complete(BlockStatus.IoError) };
        using Bio bio = NewBio();

        for (int i = 0; i < 3; i++)
        {
            using var source = new CancellationTokenSource();
            ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);
            source.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await task);
        }

        disk.Held.Clear();
        Assert.Equal(BlockStatus.Ok, await Resubmit(disk, bio));
    }

    private static async Task<BlockStatus> Resubmit(TestDisk disk, Bio bio)
    {
        ValueTask<BlockStatus> task = disk.SubmitAsync(bio);
        while (disk.Held.TryDequeue(out BioAttempt attempt))
        {
            attempt.Complete(BlockStatus.Ok);
        }

        return await task;
    }

    private static Bio NewBio() => Bio.Rent(BioOp.Read, 0, new byte[512]);
}
