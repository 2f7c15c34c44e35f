using System.Runtime.CompilerServices;
using LibMultipath.Reclamation;
using LibMultipath.Tests.Kit;

namespace LibMultipath.Tests.Reclamation;

public sealed class SrcuDisposeTests
{
    [Fact]
    public async Task A_disposed_domain_throws()
    {
        SrcuDomain domain = new();
        SrcuState state = domain.GetState();
        domain.Dispose();
        Assert.Throws<ObjectDisposedException>(() => domain.ReadLock());
        Assert.Throws<ObjectDisposedException>(() => domain.Enter().Dispose());
        Assert.Throws<ObjectDisposedException>(() => domain.Synchronize());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => domain.SynchronizeAsync());
        Assert.Throws<ObjectDisposedException>(() => domain.Call(static () => { }));
        Assert.Throws<ObjectDisposedException>(() => domain.Barrier());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => domain.BarrierAsync());
        Assert.Throws<ObjectDisposedException>(() => domain.GetState());
        Assert.Throws<ObjectDisposedException>(() => domain.StartPoll());
        Assert.Throws<ObjectDisposedException>(() => domain.Poll(state));
        Assert.Equal(0, domain.ReadersInFlight);
    }

    [Fact]
    public void Dispose_waits_for_a_section_which_may_still_end()
    {
        SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        OtherThread disposer = OtherThread.Start(domain.Dispose);
        Eventually.True(() => disposer.Sleeps, "the disposer to sleep");
        Assert.Throws<ObjectDisposedException>(() => domain.ReadLock());
        Assert.Throws<ObjectDisposedException>(() => domain.Synchronize());
        Assert.Equal(1, domain.ReadersInFlight);
        domain.ReadUnlock(token);
        disposer.Join();
    }

    [Fact]
    public async Task DisposeAsync_waits_for_a_section_that_ends_on_another_thread()
    {
        SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        ValueTask disposal = domain.DisposeAsync();
        Assert.False(disposal.IsCompleted);
        OtherThread.Run(() => domain.ReadUnlock(token));
        await disposal.AsTask().WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task Dispose_drains_the_callbacks()
    {
        SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        int ran = 0;
        for (int i = 0; i < 10; i++)
        {
            domain.Call(() => Interlocked.Increment(ref ran));
        }
        ValueTask disposal = domain.DisposeAsync();
        Assert.Equal(0, Volatile.Read(ref ran));
        domain.ReadUnlock(token);
        await disposal.AsTask().WaitAsync(Eventually.Limit);
        Assert.Equal(10, Volatile.Read(ref ran));
    }

    [Fact]
    public async Task Waits_that_began_before_the_disposal_end()
    {
        SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        Task gracePeriod = domain.SynchronizeAsync();
        domain.Call(static () => { });
        Task barrier = domain.BarrierAsync();
        ValueTask disposal = domain.DisposeAsync();
        domain.ReadUnlock(token);
        await Task.WhenAll(gracePeriod, barrier, disposal.AsTask()).WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task Everybody_who_disposes_waits_for_the_same_end()
    {
        SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        Task[] disposals = [.. Enumerable.Range(0, 4).Select(_ => domain.DisposeAsync().AsTask())];
        OtherThread blocked = OtherThread.Start(domain.Dispose);
        Assert.DoesNotContain(disposals, static disposal => disposal.IsCompleted);
        domain.ReadUnlock(token);
        await Task.WhenAll(disposals).WaitAsync(Eventually.Limit);
        blocked.Join();
        domain.Dispose();
    }

    [Fact]
    public void A_callback_that_queues_another_during_the_disposal_fails_and_is_logged()
    {
        ListLogger logger = new();
        SrcuDomain domain = new(logger);
        SrcuToken token = domain.ReadLock();
        domain.Call(() => domain.Call(static () => { }));
        OtherThread disposer = OtherThread.Start(domain.Dispose);
        Eventually.True(() => disposer.Sleeps, "the disposer to sleep");
        domain.ReadUnlock(token);
        disposer.Join();
        Assert.IsType<ObjectDisposedException>(Assert.Single(logger.Entries).Exception);
    }

    [Fact]
    public void A_disposed_domain_lets_go_of_its_memory_even_while_it_is_referenced()
    {
        SrcuDomain domain = new();
        WeakReference memory = UseAndDispose(domain);
        Eventually.True(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return !memory.IsAlive;
            },
            "the slots to be collected");
        GC.KeepAlive(domain);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference UseAndDispose(SrcuDomain domain)
        {
            OtherThread.Run(() => domain.Enter().Dispose());
            WeakReference memory = new(domain.Readers, trackResurrection: true);
            domain.Dispose();
            return memory;
        }
    }

    [Fact]
    public void Thousands_of_domains_come_and_go()
    {
        using SrcuDomain longLived = new();
        SrcuToken held = longLived.ReadLock();
        for (int i = 0; i < 5000; i++)
        {
            using SrcuDomain domain = new();
            SrcuToken token = domain.ReadLock();
            Assert.Equal(1, domain.ReadersInFlight);
            domain.ReadUnlock(token);
        }
        // Nothing that was said to them has reached another.
        Assert.Equal(1, longLived.ReadersInFlight);
        longLived.ReadUnlock(held);
    }
}
