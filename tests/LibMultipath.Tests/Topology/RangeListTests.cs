using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Topology;

namespace LibMultipath.Tests.Topology;

public sealed class RangeListTests
{
    [Theory]
    [InlineData("", new int[0])]
    [InlineData("\n", new int[0])]
    [InlineData("0\n", new[] { 0 })]
    [InlineData("0-1,3\n", new[] { 0, 1, 3 })]
    [InlineData("5,0-2,1", new[] { 0, 1, 2, 5 })]
    [InlineData("7-7", new[] { 7 })]
    public void A_list_is_read_into_ascending_numbers(string text, int[] expected)
    {
        Assert.True(RangeList.TryParse(text, 1024, out int[] numbers));
        Assert.Equal(expected, numbers);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("1-")]
    [InlineData("3-1")]
    [InlineData("1,,2")]
    [InlineData(",")]
    [InlineData("1 2")]
    [InlineData("+1")]
    [InlineData("0x1")]
    [InlineData("1-2-3")]
    [InlineData("1024")]
    [InlineData("0-4294967295")]
    [InlineData("99999999999999999999")]
    public void What_is_not_a_list_below_the_limit_is_refused(string text)
    {
        Assert.False(RangeList.TryParse(text, 1024, out int[] numbers));
        Assert.Empty(numbers);
    }

    [Theory]
    [InlineData(new int[0], "")]
    [InlineData(new[] { 0 }, "0")]
    [InlineData(new[] { 0, 1, 3 }, "0-1,3")]
    [InlineData(new[] { 1, 3, 5, 6, 7 }, "1,3,5-7")]
    [InlineData(new[] { 0, 1, 2, 3 }, "0-3")]
    public void Numbers_are_written_as_the_kernel_writes_them(int[] numbers, string expected) =>
        Assert.Equal(expected, RangeList.Format(numbers));

    [Fact]
    public void What_is_written_is_read_back() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            int[] numbers = [.. bytes.Select(b => (int)b).Distinct().Order()];
            return RangeList.TryParse(RangeList.Format(numbers), 256, out int[] read) && read.SequenceEqual(numbers);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_text_makes_the_reader_throw() =>
        Prop.ForAll(Gen.Elements('0', '1', '9', '-', ',', '\n', ' ', 'a').ArrayOf().ToArbitrary(), text =>
            RangeList.TryParse(text, 100, out int[] numbers) || numbers.Length == 0).QuickCheckThrowOnFailure();
}
