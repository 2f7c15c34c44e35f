using Mpathd.Paths;

namespace Mpathd.Tests.Paths;

public sealed class SizeTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("512", 512)]
    [InlineData("4k", 4096)]
    [InlineData("4K", 4096)]
    [InlineData("1m", 1 << 20)]
    [InlineData("3G", 3L << 30)]
    [InlineData("1024T", 1L << 50)]
    public void A_size_is_a_number_with_a_binary_unit(string text, long bytes) => Assert.Equal(bytes, SizeText.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("k")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.5G")]
    [InlineData("4kb")]
    [InlineData("4 k")]
    [InlineData("0x10")]
    public void What_is_no_size_is_named_with_an_example(string text)
    {
        string message = Assert.Throws<FormatException>(() => SizeText.Parse(text)).Message;
        Assert.Contains($"'{text}'", message);
        Assert.Contains("such as 4k", message);
    }

    [Theory]
    [InlineData("9223372036854775807T")]
    [InlineData("9000000T")]
    public void A_size_that_does_not_fit_is_refused(string text) =>
        Assert.Contains("beyond any size", Assert.Throws<FormatException>(() => SizeText.Parse(text)).Message);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(512, "512")]
    [InlineData(4096, "4K")]
    [InlineData(1536, "1536")]
    [InlineData(1L << 50, "1024T")]
    public void A_size_is_written_with_the_largest_unit_that_leaves_it_whole(long bytes, string text)
    {
        Assert.Equal(text, SizeText.Format(bytes));
        Assert.Equal(bytes, SizeText.Parse(text));
    }

    [Theory]
    [InlineData(10, "10 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(200 << 20, "200 MiB")]
    public void People_get_a_rounded_size(long bytes, string text) => Assert.Equal(text, SizeText.Approximate(bytes));
}
