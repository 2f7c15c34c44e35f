#if DEBUG
using System.Runtime.CompilerServices;
using LibMultipath.Reclamation;
using LibMultipath.Tests.Kit;

namespace LibMultipath.Tests.Reclamation;

/// <summary>What a debug build reports.</summary>
public sealed class SrcuDebugTests
{
    [Fact]
    public void A_token_that_is_used_twice_is_reported()
    {
        using SrcuDomain domain = new();
        SrcuToken token = domain.ReadLock();
        domain.ReadUnlock(token);
        Assert.Throws<InvalidOperationException>(() => domain.ReadUnlock(token));
        Assert.Throws<InvalidOperationException>(() => domain.ReadUnlockAndCount(token, 0, 1, 1, 1));
        Assert.Equal(0, domain.ReadersInFlight);
        Assert.Equal(0, domain.SumCounter(0));
    }

    [Fact]
    public void A_scope_that_is_ended_through_a_copy_is_reported()
    {
        using SrcuDomain domain = new();
        Assert.Throws<InvalidOperationException>(() =>
        {
            SrcuSection section = domain.Enter();
            SrcuSection copy = section;
            section.Dispose();
            copy.Dispose();
        });
        Assert.Equal(0, domain.ReadersInFlight);
    }

    [Fact]
    public void A_token_that_nobody_gave_out_is_reported()
    {
        using SrcuDomain domain = new();
        Assert.Throws<InvalidOperationException>(() => domain.ReadUnlock(default));
    }

    [Fact]
    public void A_token_of_another_domain_is_reported()
    {
        using SrcuDomain domain = new();
        using SrcuDomain other = new();
        SrcuToken token = other.ReadLock();
        Assert.Throws<InvalidOperationException>(() => domain.ReadUnlock(token));
        other.ReadUnlock(token);
    }

    [Fact]
    public void A_token_that_is_never_used_is_reported()
    {
        ListLogger logger = new();
        SrcuDomain domain = new(logger);
        Lose(domain);
        Eventually.True(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return logger.Count(101) == 1;
            },
            "the report of the lost token");
        Assert.Equal(1, domain.ReadersInFlight);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Lose(SrcuDomain domain) => OtherThread.Run(() => { _ = domain.ReadLock(); });
    }

    [Fact]
    public void Blocking_inside_a_scope_on_the_same_thread_is_detected()
    {
        using SrcuDomain domain = new();
        using SrcuDomain other = new();
        using (domain.Enter())
        {
            Assert.Throws<InvalidOperationException>(() => domain.Synchronize());
            Assert.Throws<InvalidOperationException>(() => domain.Barrier());
            Assert.Throws<InvalidOperationException>(domain.Dispose);
            other.Synchronize();
            OtherThread.Run(() => Assert.True(domain.SynchronizeAsync().Status != TaskStatus.RanToCompletion));
        }
        domain.Synchronize();
    }

    [Fact]
    public void Blocking_while_a_token_of_this_thread_is_open_is_logged_because_another_thread_may_end_it()
    {
        ListLogger logger = new();
        using SrcuDomain domain = new(logger);
        SrcuToken token = domain.ReadLock();
        OtherThread other = OtherThread.Start(() =>
        {
            Eventually.True(() => logger.Count(102) == 1, "the warning");
            domain.ReadUnlock(token);
        });
        domain.Synchronize();
        other.Join();
        domain.Synchronize();
        Assert.Equal(1, logger.Count(102));
    }
}
#endif
