using LibMultipath.Reclamation;

namespace LibMultipath.Tests.Reclamation;

public sealed class PerThreadCountersTests
{
    public static TheoryData<int> Maxima => [int.MaxValue, 0, 2];

    [Theory]
    [MemberData(nameof(Maxima))]
    public void Nothing_that_is_added_is_lost(int maximum)
    {
        PerThreadCounters counters = new(maximum);
        OtherThread[] threads =
        [
            .. Enumerable.Range(0, 8).Select(_ => OtherThread.Start(() =>
            {
                for (int i = 0; i < 20_000; i++)
                {
                    counters.Add(0, 1);
                    counters.AddPair(1, 2, PerThreadCounters.Count - 1, -3);
                    counters.AddPair(2, 1, 2, 1);
                }
            })),
        ];
        Array.ForEach(threads, static thread => thread.Join());
        Assert.Equal(160_000, counters.Sum(0));
        Assert.Equal(320_000, counters.Sum(1));
        Assert.Equal(320_000, counters.Sum(2));
        Assert.Equal(-480_000, counters.Sum(PerThreadCounters.Count - 1));
    }

    [Fact]
    public void A_thread_that_is_gone_leaves_its_counts()
    {
        PerThreadCounters counters = new();
        for (int i = 0; i < 100; i++)
        {
            OtherThread.Run(() => counters.Add(5, 1));
            if (i % 10 == 0)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
        Assert.Equal(100, counters.Sum(5));
    }

    [Fact]
    public void A_counter_that_does_not_exist_has_no_sum()
    {
        PerThreadCounters counters = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => counters.Sum(PerThreadCounters.Count));
        Assert.Throws<ArgumentOutOfRangeException>(() => counters.Sum(-1));
    }
}
