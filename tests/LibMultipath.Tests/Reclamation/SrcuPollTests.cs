using LibMultipath.Reclamation;
using LibMultipath.Tests.Kit;

namespace LibMultipath.Tests.Reclamation;

public sealed class SrcuPollTests
{
    [Fact]
    public void GetState_starts_nothing()
    {
        using SrcuDomain domain = new();
        SrcuState state = domain.GetState();
        Assert.False(domain.Poll(state));
        Assert.Equal(state, domain.GetState());
        domain.Synchronize();
        Assert.True(domain.Poll(state));
        Assert.NotEqual(state, domain.GetState());
    }

    [Fact]
    public void StartPoll_sees_to_its_grace_period()
    {
        using SrcuDomain domain = new();
        SrcuState state = domain.StartPoll();
        Eventually.True(() => domain.Poll(state), "the grace period");
    }

    [Fact]
    public async Task Poll_is_false_while_a_section_from_before_is_open()
    {
        using SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        SrcuState state = domain.StartPoll();
        Task gracePeriod = domain.SynchronizeAsync();
        Assert.False(domain.Poll(state));
        domain.ReadUnlock(token);
        await gracePeriod.WaitAsync(Eventually.Limit);
        Assert.True(domain.Poll(state));
    }

    [Fact]
    public async Task A_grace_period_that_was_in_flight_does_not_count()
    {
        using SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        Task inFlight = domain.SynchronizeAsync();
        SrcuState state = domain.GetState();
        domain.ReadUnlock(token);
        await inFlight.WaitAsync(Eventually.Limit);
        Assert.False(domain.Poll(state));
        await domain.SynchronizeAsync();
        Assert.True(domain.Poll(state));
    }

    [Fact]
    public void Poll_stays_true()
    {
        using SrcuDomain domain = new();
        SrcuState state = domain.GetState();
        domain.Synchronize();
        SrcuToken token = domain.ReadLock();
        _ = domain.StartPoll();
        Assert.True(domain.Poll(state));
        domain.ReadUnlock(token);
        Assert.True(domain.Poll(state));
    }

    [Fact]
    public void Many_StartPolls_share_one_grace_period()
    {
        using SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        Task inFlight = domain.SynchronizeAsync();
        Assert.Equal(domain.StartPoll(), domain.StartPoll());
        Assert.False(inFlight.IsCompleted);
        domain.ReadUnlock(token);
    }

    [Fact]
    public void The_default_state_has_passed()
    {
        using SrcuDomain domain = new();
        Assert.True(domain.Poll(default));
    }

    [Fact]
    public void States_compare_by_their_grace_period()
    {
        using SrcuDomain domain = new();
        SrcuState first = domain.GetState();
        SrcuState same = domain.GetState();
        domain.Synchronize();
        SrcuState later = domain.GetState();
        Assert.True(first == same && first.Equals((object)same) && first.GetHashCode() == same.GetHashCode());
        Assert.True(first != later && !first.Equals(null));
    }
}
