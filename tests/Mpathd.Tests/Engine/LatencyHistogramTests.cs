using Mpathd.Engine;

namespace Mpathd.Tests.Engine;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Quantiles_are_at_most_a_thirty_second_too_large_and_never_too_small()
    {
        var random = new SeededRandom(42);
        var histogram = new LatencyHistogram();
        var values = new List<long>();
        for (int i = 0; i < 20_000; i++)
        {
            long value = random.NextBelow(1L << (1 + random.NextBelow(40)));
            values.Add(value);
            histogram.Record(value);
        }

        values.Sort();
        foreach (double quantile in new[] { 0.0001, 0.1, 0.5, 0.9, 0.99, 0.999, 1 })
        {
            long exact = values[Math.Max(0, (int)Math.Ceiling(quantile * values.Count) - 1)];
            Assert.InRange(histogram.Quantile(quantile), exact, exact + (exact / 32));
        }

        Assert.Equal(values[^1], histogram.MaxNanoseconds);
        Assert.Equal(values.Count, histogram.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(long.MaxValue)]
    public void One_value_is_every_quantile(long value)
    {
        var histogram = new LatencyHistogram();
        histogram.Record(value);
        Assert.Equal(value, histogram.Quantile(0));
        Assert.Equal(value, histogram.Quantile(0.5));
        Assert.Equal(value, histogram.Quantile(1));
    }

    [Fact]
    public void Without_values_everything_is_zero()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal(0, histogram.Quantile(0.99));
        Assert.Equal(0, histogram.MaxNanoseconds);
    }

    [Fact]
    public void A_clock_that_went_back_counts_as_no_time()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(-5);
        Assert.Equal(0, histogram.Quantile(1));
    }

    [Fact]
    public void Two_added_up_are_as_one_that_saw_both()
    {
        LatencyHistogram left = new(), right = new(), both = new();
        for (int i = 0; i < 1000; i++)
        {
            (i % 3 == 0 ? left : right).Record(i * i);
            both.Record(i * i);
        }

        left.Add(right);
        Assert.Equal(both.Count, left.Count);
        Assert.Equal(both.MaxNanoseconds, left.MaxNanoseconds);
        Assert.Equal(both.Quantile(0.5), left.Quantile(0.5));
        Assert.Equal(both.Quantile(0.99), left.Quantile(0.99));
    }
}
