using LibMultipath.Reclamation;
using LibMultipath.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace LibMultipath.Tests.Reclamation;

public sealed class SrcuSynchronizeTests
{
    public static TheoryData<int> Maxima => [int.MaxValue, 0];

    [Fact]
    public async Task Synchronize_returns_at_once_without_sections()
    {
        using SrcuDomain domain = new();
        domain.Synchronize();
        domain.Synchronize();
        Assert.True(domain.SynchronizeAsync().IsCompletedSuccessfully);
        await domain.SynchronizeAsync();
    }

    [Theory]
    [MemberData(nameof(Maxima))]
    public void Synchronize_sleeps_while_a_section_is_open_and_wakes_when_it_ends(int maximum)
    {
        using SrcuDomain domain = new(null, maximum, ordinaryBarrier: false);
        SrcuToken token = domain.ReadLock();
        bool ended = false;
        OtherThread updater = OtherThread.Start(() =>
        {
            domain.Synchronize();
            Assert.True(Volatile.Read(ref ended));
        });
        Eventually.True(() => updater.Sleeps, "the updater to sleep");
        Volatile.Write(ref ended, true);
        domain.ReadUnlock(token);
        updater.Join();
    }

    [Theory]
    [MemberData(nameof(Maxima))]
    public void Synchronize_waits_for_a_section_that_ends_on_another_thread(int maximum)
    {
        using SrcuDomain domain = new(null, maximum, ordinaryBarrier: false);
        SrcuToken token = domain.ReadLock();
        bool ended = false;
        OtherThread updater = OtherThread.Start(() =>
        {
            domain.Synchronize();
            Assert.True(Volatile.Read(ref ended));
        });
        Eventually.True(() => updater.Sleeps, "the updater to sleep");
        OtherThread.Run(() =>
        {
            Volatile.Write(ref ended, true);
            domain.ReadUnlock(token);
        });
        updater.Join();
    }

    [Fact]
    public async Task Synchronize_waits_for_the_last_of_many_sections()
    {
        using SrcuDomain domain = new();
        SrcuToken[] tokens = [.. Enumerable.Range(0, 300).Select(_ => domain.ReadLock())];
        Task gracePeriod = domain.SynchronizeAsync();
        foreach (SrcuToken[] some in tokens.Take(299).Chunk(50))
        {
            OtherThread.Run(() => Array.ForEach(some, domain.ReadUnlock));
        }
        Assert.False(gracePeriod.IsCompleted);
        domain.ReadUnlock(tokens[^1]);
        await gracePeriod.WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task Synchronize_waits_for_a_section_whose_thread_has_died()
    {
        using SrcuDomain domain = new();
        SrcuToken token = OtherThread.Run(domain.ReadLock);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Task gracePeriod = domain.SynchronizeAsync();
        Assert.False(gracePeriod.IsCompleted);
        domain.ReadUnlock(token);
        await gracePeriod.WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task Synchronize_does_not_wait_for_sections_that_begin_later()
    {
        using SrcuDomain domain = new();
        SrcuToken old = domain.ReadLock();
        Task gracePeriod = domain.SynchronizeAsync();
        SrcuToken late = domain.ReadLock();
        domain.ReadUnlock(old);
        await gracePeriod.WaitAsync(Eventually.Limit);
        domain.ReadUnlock(late);
    }

    [Fact]
    public async Task A_reader_that_stalled_between_reading_the_index_and_counting_is_waited_for()
    {
        SrcuGracePeriods updaters = new(NullLogger.Instance, int.MaxValue, ordinaryBarrier: false);
        // The stall, seen from outside: the index flips between the reading and the counting.
        uint stalled = updaters.Readers.Enter();
        updaters.Readers.Flip();
        Assert.Equal(updaters.Readers.IdleIndex, stalled);
        Task gracePeriod = updaters.Request();
        Assert.False(gracePeriod.IsCompleted);
        updaters.Readers.Exit(stalled);
        await gracePeriod.WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task Sections_of_both_indices_are_waited_for()
    {
        SrcuGracePeriods updaters = new(NullLogger.Instance, int.MaxValue, ordinaryBarrier: false);
        uint stalled = updaters.Readers.Enter();
        updaters.Readers.Flip();
        uint current = updaters.Readers.Enter();
        Assert.NotEqual(stalled, current);
        Task gracePeriod = updaters.Request();
        updaters.Readers.Exit(stalled);
        Assert.False(gracePeriod.IsCompleted);
        updaters.Readers.Exit(current);
        await gracePeriod.WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task A_stream_of_sections_does_not_hold_up_a_grace_period()
    {
        using SrcuDomain domain = new();
        SrcuToken current = domain.ReadLock();
        Task gracePeriod = domain.SynchronizeAsync();
        for (int i = 0; i < 1000; i++)
        {
            // Each begins before the one before it ends: there is never a moment without a section.
            SrcuToken next = domain.ReadLock();
            domain.ReadUnlock(current);
            current = next;
        }
        await gracePeriod.WaitAsync(Eventually.Limit);
        domain.ReadUnlock(current);
    }

    [Fact]
    public void Synchronize_does_not_wait_for_sections_of_another_domain()
    {
        using SrcuDomain domain = new();
        using SrcuDomain other = new();
        SrcuToken token = other.ReadLock();
        domain.Synchronize();
        using (other.Enter())
        {
            domain.Synchronize();
        }
        other.ReadUnlock(token);
    }

    [Fact]
    public async Task Many_waiters_share_one_grace_period()
    {
        using SrcuDomain domain = new();
        SrcuToken first = domain.ReadLock();
        Task inFlight = domain.SynchronizeAsync();
        SrcuToken second = domain.ReadLock();
        long before = domain.GetState().GracePeriod;
        Task[] waiters = [.. Enumerable.Range(0, 100).Select(_ => domain.SynchronizeAsync())];
        domain.ReadUnlock(first);
        await inFlight.WaitAsync(Eventually.Limit);
        Assert.DoesNotContain(waiters, static waiter => waiter.IsCompleted);
        domain.ReadUnlock(second);
        await Task.WhenAll(waiters).WaitAsync(Eventually.Limit);
        Assert.Equal(before + 1, domain.GetState().GracePeriod);
    }

    [Fact]
    public async Task A_grace_period_in_flight_is_not_shared_with_those_who_come_later()
    {
        using SrcuDomain domain = new();
        SrcuToken first = domain.ReadLock();
        Task inFlight = domain.SynchronizeAsync();
        // Not waited for by the one in flight, so whoever comes now needs the next.
        SrcuToken second = domain.ReadLock();
        Task late = domain.SynchronizeAsync();
        domain.ReadUnlock(first);
        await inFlight.WaitAsync(Eventually.Limit);
        Assert.False(late.IsCompleted);
        domain.ReadUnlock(second);
        await late.WaitAsync(Eventually.Limit);
    }

    [Fact]
    public void Blocking_waiters_on_many_threads_all_return()
    {
        using SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        OtherThread[] waiters = [.. Enumerable.Range(0, 8).Select(_ => OtherThread.Start(() => domain.Synchronize()))];
        Eventually.True(() => waiters.All(static waiter => waiter.Sleeps), "all waiters to sleep");
        domain.ReadUnlock(token);
        Array.ForEach(waiters, static waiter => waiter.Join());
    }

    [Fact]
    public async Task A_wait_that_is_given_up_leaves_the_grace_period_to_the_others()
    {
        using SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        using CancellationTokenSource cancellation = new();
        Task other = domain.SynchronizeAsync();
        Task given = domain.SynchronizeAsync(cancellation.Token);
        OtherThread blocked = OtherThread.Start(
            () => Assert.Throws<OperationCanceledException>(() => domain.Synchronize(cancellation.Token)));
        Eventually.True(() => blocked.Sleeps, "the waiter to sleep");
        await cancellation.CancelAsync();
        blocked.Join();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.False(other.IsCompleted);
        domain.ReadUnlock(token);
        await other.WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task A_cancelled_token_starts_nothing()
    {
        using SrcuDomain domain = new();
        long before = domain.GetState().GracePeriod;
        CancellationToken cancelled = new(canceled: true);
        Assert.Throws<OperationCanceledException>(() => domain.Synchronize(cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => domain.SynchronizeAsync(cancelled));
        Assert.Equal(before, domain.GetState().GracePeriod);
    }

    [Fact]
    public async Task SynchronizeAsync_may_be_called_inside_a_section()
    {
        using SrcuDomain domain = new();
        Task gracePeriod = Begin(domain);
        await gracePeriod.WaitAsync(Eventually.Limit);

        static Task Begin(SrcuDomain domain)
        {
            using SrcuSection section = domain.Enter();
            Task gracePeriod = domain.SynchronizeAsync();
            Assert.False(gracePeriod.IsCompleted);
            return gracePeriod;
        }
    }

    [Fact]
    public async Task A_reader_runs_no_continuation_of_a_waiter()
    {
        using SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        int reader = Environment.CurrentManagedThreadId;
        Task<int> continuation = domain.SynchronizeAsync().ContinueWith(
            static _ => Environment.CurrentManagedThreadId,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        domain.ReadUnlock(token);
        // Not with await: this thread must not be free to run it.
        Eventually.True(() => continuation.IsCompleted, "the continuation");
        Assert.NotEqual(reader, await continuation);
    }
}
