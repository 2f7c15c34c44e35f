using LibMultipath.Reclamation;
using LibMultipath.Tests.Kit;

namespace LibMultipath.Tests.Reclamation;

/// <summary>What holds for sections; each statement with slots of their own, and with all threads on the overflow slot.</summary>
public sealed class SrcuSectionTests
{
    public static TheoryData<int> Maxima => [int.MaxValue, 0];

    private static SrcuDomain Domain(int maximum) => new(null, maximum, ordinaryBarrier: false);

    [Theory]
    [MemberData(nameof(Maxima))]
    public void A_section_ends_what_it_began(int maximum)
    {
        using SrcuDomain domain = Domain(maximum);
        SrcuToken token = domain.ReadLock();
        Assert.Equal(1, domain.ReadersInFlight);
        domain.ReadUnlock(token);
        Assert.Equal(0, domain.ReadersInFlight);
    }

    [Theory]
    [MemberData(nameof(Maxima))]
    public void A_scope_ends_with_its_block(int maximum)
    {
        using SrcuDomain domain = Domain(maximum);
        using (domain.Enter())
        {
            Assert.Equal(1, domain.ReadersInFlight);
        }
        Assert.Equal(0, domain.ReadersInFlight);
        domain.Synchronize();
    }

    [Fact]
    public void A_scope_that_is_disposed_twice_ends_once()
    {
        using SrcuDomain domain = new();
        SrcuSection section = domain.Enter();
        section.Dispose();
        section.Dispose();
        Assert.Equal(0, domain.ReadersInFlight);
    }

    [Theory]
    [MemberData(nameof(Maxima))]
    public async Task Sections_nest(int maximum)
    {
        using SrcuDomain domain = Domain(maximum);
        SrcuToken outer = domain.ReadLock();
        SrcuToken inner = domain.ReadLock();
        Task gracePeriod = domain.SynchronizeAsync();
        SrcuToken innermost = domain.ReadLock();
        Assert.Equal(3, domain.ReadersInFlight);
        domain.ReadUnlock(innermost);
        domain.ReadUnlock(inner);
        Assert.False(gracePeriod.IsCompleted);
        domain.ReadUnlock(outer);
        await gracePeriod.WaitAsync(Eventually.Limit);
    }

    [Theory]
    [MemberData(nameof(Maxima))]
    public void Sections_may_end_in_any_order(int maximum)
    {
        using SrcuDomain domain = Domain(maximum);
        SrcuToken first = domain.ReadLock();
        SrcuToken second = domain.ReadLock();
        domain.ReadUnlock(first);
        Assert.Equal(1, domain.ReadersInFlight);
        domain.ReadUnlock(second);
        domain.Synchronize();
    }

    [Fact]
    public async Task A_section_may_cross_an_await()
    {
        using SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        await Task.Yield();
        Task gracePeriod = domain.SynchronizeAsync();
        await Task.Yield();
        Assert.False(gracePeriod.IsCompleted);
        domain.ReadUnlock(token);
        await gracePeriod.WaitAsync(Eventually.Limit);
    }

    [Theory]
    [MemberData(nameof(Maxima))]
    public void A_section_may_end_on_another_thread(int maximum)
    {
        using SrcuDomain domain = Domain(maximum);
        SrcuToken token = domain.ReadLock();
        OtherThread.Run(() => domain.ReadUnlock(token));
        Assert.Equal(0, domain.ReadersInFlight);
        domain.Synchronize();
    }

    [Fact]
    public void The_end_of_a_section_may_be_a_threads_first_call_of_all()
    {
        using SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        int before = 0;
        OtherThread.Run(() =>
        {
            before = ThreadIndex.s_current;
            domain.ReadUnlock(token);
        });
        Assert.Equal(0, before);
        domain.Synchronize();
    }

    [Fact]
    public void A_section_may_begin_on_a_thread_with_a_slot_and_end_on_one_without()
    {
        // Number 1 is taken by somebody in this process, so that at most one of these threads has a slot.
        using SrcuDomain domain = Domain(ThreadIndex.Ensure());
        for (int i = 0; i < 10; i++)
        {
            SrcuToken here = domain.ReadLock();
            SrcuToken there = OtherThread.Run(domain.ReadLock);
            OtherThread.Run(() => domain.ReadUnlock(here));
            domain.ReadUnlock(there);
        }
        Assert.Equal(0, domain.ReadersInFlight);
        domain.Synchronize();
    }

    [Fact]
    public void A_section_begins_while_a_grace_period_waits()
    {
        using SrcuDomain domain = new();
        SrcuToken old = domain.ReadLock();
        Task gracePeriod = domain.SynchronizeAsync();
        using (domain.Enter())
        {
            Assert.False(gracePeriod.IsCompleted);
        }
        domain.ReadUnlock(old);
    }

    [Fact]
    public void Counts_that_wrap_do_no_harm()
    {
        using SrcuDomain domain = new(null, 0, ordinaryBarrier: false);
        SrcuReaders readers = new SrcuGracePeriods(domain.Logger, 0, ordinaryBarrier: false).Readers;
        SetWords(readers, long.MaxValue, -1);
        uint[] sections = [readers.Enter(), readers.Enter(), readers.Enter()];
        Assert.Equal(3, readers.InFlight());
        Assert.False(readers.IsDrained(sections[0]));
        Array.ForEach(sections, readers.Exit);
        Assert.True(readers.IsDrained(0));
        Assert.True(readers.IsDrained(1));
        Assert.Equal(0, readers.InFlight());
    }

    private static unsafe void SetWords(SrcuReaders readers, long first, long second)
    {
        SrcuSlot* slot = (SrcuSlot*)readers.SlotAddresses()[0];
        (slot->Locks[0], slot->Unlocks[0]) = (first, first);
        (slot->Locks[1], slot->Unlocks[1]) = (second, second);
    }
}
