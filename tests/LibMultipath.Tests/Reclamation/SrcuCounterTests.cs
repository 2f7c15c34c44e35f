using LibMultipath.Reclamation;

namespace LibMultipath.Tests.Reclamation;

public sealed class SrcuCounterTests
{
    public static TheoryData<int> Maxima => [int.MaxValue, 0];

    [Theory]
    [MemberData(nameof(Maxima))]
    public void The_end_of_a_section_counts(int maximum)
    {
        using SrcuDomain domain = new(null, maximum, ordinaryBarrier: false);
        for (int i = 0; i < 5; i++)
        {
            SrcuToken token = domain.ReadLock();
            OtherThread.Run(() => domain.ReadUnlockAndCount(token, 0, 1, 11, 4096));
        }
        domain.Synchronize();
        Assert.Equal(5, domain.SumCounter(0));
        Assert.Equal(5 * 4096, domain.SumCounter(11));
        Assert.Equal(0, domain.SumCounter(1));
        Assert.Equal(0, domain.ReadersInFlight);
    }

    [Theory]
    [MemberData(nameof(Maxima))]
    public void Counting_needs_no_section(int maximum)
    {
        using SrcuDomain domain = new(null, maximum, ordinaryBarrier: false);
        domain.Count(3, 7);
        domain.CountPair(3, 1, 4, -2);
        domain.CountPair(5, 1, 5, 2);
        Assert.Equal(8, domain.SumCounter(3));
        Assert.Equal(-2, domain.SumCounter(4));
        Assert.Equal(3, domain.SumCounter(5));
        Assert.Equal(0, domain.ReadersInFlight);
        domain.Synchronize();
    }

    [Fact]
    public void Counters_of_a_disposed_domain_stand_where_they_stood()
    {
        SrcuDomain domain = new();
        domain.Count(2, 9);
        domain.Dispose();
        Assert.Equal(9, domain.SumCounter(2));
        Assert.Throws<ObjectDisposedException>(() => domain.Count(2, 1));
    }

    [Fact]
    public void A_counter_that_does_not_exist_has_no_sum()
    {
        using SrcuDomain domain = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => domain.SumCounter(SrcuDomain.CounterCount));
        Assert.Throws<ArgumentOutOfRangeException>(() => domain.SumCounter(-1));
    }
}
