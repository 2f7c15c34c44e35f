using System.Collections.Concurrent;
using LibMultipath.Reclamation;
using LibMultipath.Tests.Kit;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Tests.Reclamation;

public sealed class SrcuCallbackTests
{
    [Fact]
    public void A_callback_runs_after_a_grace_period()
    {
        using SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        using ManualResetEventSlim ran = new();
        domain.Call(ran.Set);
        Task gracePeriod = domain.SynchronizeAsync();
        Assert.False(ran.IsSet);
        Assert.False(gracePeriod.IsCompleted);
        domain.ReadUnlock(token);
        Assert.True(ran.Wait(Eventually.Limit));
    }

    [Fact]
    public void A_callback_is_given_its_state()
    {
        using SrcuDomain domain = new();
        StrongBox box = new();
        domain.Call(static state => ((StrongBox)state!).Value = 42, box);
        domain.Barrier();
        Assert.Equal(42, box.Value);
    }

    [Fact]
    public void Callbacks_run_off_the_readers_thread()
    {
        using SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        int thread = 0;
        bool pool = false;
        domain.Call(() =>
        {
            thread = Environment.CurrentManagedThreadId;
            pool = Thread.CurrentThread.IsThreadPoolThread;
        });
        OtherThread.Run(() =>
        {
            int reader = Environment.CurrentManagedThreadId;
            domain.ReadUnlock(token);
            domain.Barrier();
            Assert.NotEqual(reader, thread);
        });
        Assert.True(pool);
    }

    [Fact]
    public void Callbacks_run_in_the_order_in_which_they_were_queued()
    {
        using SrcuDomain domain = new();
        ConcurrentQueue<int> order = new();
        for (int i = 0; i < 1000; i++)
        {
            int number = i;
            domain.Call(() => order.Enqueue(number));
        }
        domain.Barrier();
        Assert.Equal(Enumerable.Range(0, 1000), order);
    }

    [Fact]
    public async Task Callbacks_queued_behind_a_grace_period_in_flight_wait_for_the_next()
    {
        using SrcuDomain domain = new();
        SrcuToken first = domain.ReadLock();
        Task inFlight = domain.SynchronizeAsync();
        SrcuToken second = domain.ReadLock();
        bool ran = false;
        domain.Call(() => Volatile.Write(ref ran, true));
        domain.ReadUnlock(first);
        await inFlight.WaitAsync(Eventually.Limit);
        Assert.False(Volatile.Read(ref ran));
        domain.ReadUnlock(second);
        domain.Barrier();
        Assert.True(Volatile.Read(ref ran));
    }

    [Fact]
    public void An_exception_in_a_callback_is_logged_and_stops_no_other()
    {
        ListLogger logger = new();
        using SrcuDomain domain = new(logger);
        InvalidOperationException failure = new();
        bool ran = false;
        domain.Call(() => throw failure);
        domain.Call(() => ran = true);
        domain.Barrier();
        Assert.True(ran);
        Assert.Equal((100, LogLevel.Error, failure), Assert.Single(logger.Entries));
    }

    [Fact]
    public void A_callback_may_queue_another()
    {
        using SrcuDomain domain = new();
        using ManualResetEventSlim ran = new();
        domain.Call(() => domain.Call(ran.Set));
        Assert.True(ran.Wait(Eventually.Limit));
    }

    [Fact]
    public void A_callback_may_wait_for_a_grace_period()
    {
        using SrcuDomain domain = new();
        bool waited = false;
        domain.Call(() =>
        {
            domain.Synchronize();
            waited = true;
        });
        domain.Barrier();
        Assert.True(waited);
    }

    [Fact]
    public void Call_may_be_called_inside_a_section()
    {
        using SrcuDomain domain = new();
        using ManualResetEventSlim ran = new();
        using (domain.Enter())
        {
            domain.Call(ran.Set);
            Assert.False(ran.IsSet);
        }
        Assert.True(ran.Wait(Eventually.Limit));
    }

    [Fact]
    public void Barrier_returns_at_once_without_callbacks()
    {
        using SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        // No callback, so no reason to wait for the section either.
        Assert.True(domain.BarrierAsync().IsCompletedSuccessfully);
        domain.ReadUnlock(token);
        domain.Barrier();
    }

    [Fact]
    public async Task Barrier_waits_for_callbacks_whose_grace_period_has_not_passed()
    {
        using SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        bool ran = false;
        domain.Call(() => ran = true);
        Task barrier = domain.BarrierAsync();
        Assert.False(barrier.IsCompleted);
        domain.ReadUnlock(token);
        await barrier.WaitAsync(Eventually.Limit);
        Assert.True(ran);
    }

    [Fact]
    public async Task Barrier_waits_for_callbacks_of_a_grace_period_in_flight()
    {
        using SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        bool ran = false;
        domain.Call(() => ran = true);
        Task gracePeriod = domain.SynchronizeAsync();
        SrcuToken late = domain.ReadLock();
        Eventually.True(() => domain.ReadersInFlight == 2, "both sections");
        Task barrier = domain.BarrierAsync();
        domain.ReadUnlock(token);
        await gracePeriod.WaitAsync(Eventually.Limit);
        domain.ReadUnlock(late);
        await barrier.WaitAsync(Eventually.Limit);
        Assert.True(ran);
    }

    [Fact]
    public async Task Barrier_waits_for_a_callback_that_is_running()
    {
        using SrcuDomain domain = new();
        using ManualResetEventSlim running = new();
        using ManualResetEventSlim proceed = new();
        domain.Call(() =>
        {
            running.Set();
            proceed.Wait();
        });
        Assert.True(running.Wait(Eventually.Limit));
        Task barrier = domain.BarrierAsync();
        Assert.False(barrier.IsCompleted);
        proceed.Set();
        await barrier.WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task A_barrier_that_is_given_up_stops_no_callback()
    {
        using SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        using ManualResetEventSlim ran = new();
        domain.Call(ran.Set);
        using CancellationTokenSource cancellation = new();
        Task barrier = domain.BarrierAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => barrier);
        Assert.Throws<OperationCanceledException>(() => domain.Barrier(cancellation.Token));
        domain.ReadUnlock(token);
        Assert.True(ran.Wait(Eventually.Limit));
    }

    [Fact]
    public void Barrier_in_a_callback_throws_instead_of_waiting_for_itself()
    {
        ListLogger logger = new();
        using SrcuDomain domain = new(logger);
        domain.Call(() => domain.Barrier());
        domain.Call(() => domain.Dispose());
        domain.Barrier();
        Assert.Equal(2, logger.Count(100));
        Assert.All(logger.Entries, static entry => Assert.IsType<InvalidOperationException>(entry.Exception));
    }

    [Fact]
    public void A_callback_of_one_domain_may_wait_for_the_callbacks_of_another()
    {
        ListLogger logger = new();
        using SrcuDomain domain = new(logger);
        using SrcuDomain other = new(logger);
        bool ran = false;
        other.Call(() => ran = true);
        domain.Call(() => other.Barrier());
        domain.Barrier();
        Assert.True(ran);
        Assert.Empty(logger.Entries);
    }

    [Fact]
    public void A_callback_must_be_given()
    {
        using SrcuDomain domain = new();
        Assert.Throws<ArgumentNullException>(() => domain.Call(null!));
        Assert.Throws<ArgumentNullException>(() => domain.Call(null!, null));
    }

    private sealed class StrongBox
    {
        internal int Value { get; set; }
    }
}
