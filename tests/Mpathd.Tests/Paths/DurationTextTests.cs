using Mpathd.Paths;

namespace Mpathd.Tests.Paths;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("0us", 0)]
    [InlineData("100us", 100)]
    [InlineData("5ms", 5_000)]
    [InlineData("2s", 2_000_000)]
    public void A_duration_is_a_number_with_a_unit(string text, long microseconds)
    {
        TimeSpan duration = DurationText.Parse(text);
        Assert.Equal(TimeSpan.FromMicroseconds(microseconds), duration);
        Assert.Equal(duration, DurationText.Parse(DurationText.Format(duration)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("100")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1.5ms")]
    [InlineData("1m")]
    [InlineData("1 s")]
    [InlineData("9223372036854775807s")]
    public void What_is_no_duration_is_named_with_an_example(string text)
    {
        string message = Assert.Throws<FormatException>(() => DurationText.Parse(text)).Message;
        Assert.Contains($"'{text}'", message);
        Assert.Contains("such as 100us", message);
    }
}
