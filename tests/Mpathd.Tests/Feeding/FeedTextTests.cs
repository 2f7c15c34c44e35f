using System.Runtime.InteropServices;
using LibMultipath.Paths;
using Mpathd.Feeding;

namespace Mpathd.Tests.Feeding;

public sealed class FeedTextTests
{
    [Theory]
    [InlineData("latency 0 100us", FeedKind.Latency, 0u, 100_000ul)]
    [InlineData("latency loop1 5ms", FeedKind.Latency, 1u, 5_000_000ul)]
    [InlineData("  weight\t1   7  # because", FeedKind.Weight, 1u, 7ul)]
    [InlineData("state 1 optimized", FeedKind.State, 1u, 1ul)]
    [InlineData("state 1 non-optimized", FeedKind.State, 1u, 2ul)]
    [InlineData("state 1 inaccessible", FeedKind.State, 1u, 3ul)]
    [InlineData("fail 1", FeedKind.Fail, 1u, 0ul)]
    [InlineData("restore 0", FeedKind.Restore, 0u, 0ul)]
    internal void A_line_is_a_record(string line, FeedKind kind, uint path, ulong value) =>
        Assert.Equal(new FeedRecord { Kind = kind, Path = path, Value = value }, Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("# weight 0 1")]
    public void An_empty_line_and_a_comment_say_nothing(string line) => Assert.Null(Parse(line));

    [Theory]
    [InlineData("wieght 0 1", "'wieght 0 1' says nothing of a path; give latency PATH DURATION, ")]
    [InlineData("weight 0", "'weight 0' says nothing of a path; give ")]
    [InlineData("weight 0 1 2", "'weight 0 1 2' says nothing of a path; give ")]
    [InlineData("weight 0 -1", "'-1' is not a whole number")]
    [InlineData("weight 0 99999999999999999999", "'99999999999999999999' is not a whole number")]
    [InlineData("latency 0 100", "'100' is not a duration; give a whole number and us, ms or s, such as 100us or 5ms")]
    [InlineData("state 0 good", "there is no state 'good'; give optimized, non-optimized or inaccessible")]
    [InlineData("fail 7", "there is no path '7'; give the number or the name of one: mpathd status")]
    public void What_is_no_record_is_told_with_what_would_be(string line, string says) =>
        Assert.StartsWith(says, Assert.Throws<FormatException>(() => Parse(line)).Message);

    [Fact]
    public void The_layout_of_a_record_is_the_one_of_the_documentation()
    {
        var record = new FeedRecord { Kind = FeedKind.Restore, Path = 0x01020304, Value = 0x1122334455667788, Tag = 0x99 };
        Span<byte> bytes = stackalloc byte[24];
        MemoryMarshal.Write(bytes, record);
        Assert.Equal("0500000004030201887766554433221199".PadRight(48, '0'), Convert.ToHexStringLower(bytes));
        Assert.Equal(24, Marshal.SizeOf<FeedRecord>());
    }

    [Fact]
    public void Each_access_state_has_a_number()
    {
        Assert.All(Enum.GetValues<MpathAccessState>(), state => Assert.Equal(state, FeedState.Of(FeedState.Of(state))));
        Assert.All(new ulong[] { 0, 4, ulong.MaxValue }, number => Assert.Null(FeedState.Of(number)));
    }

    private static FeedRecord? Parse(string line) => FeedText.Parse(line, path => path switch { "0" or "loop0" => 0, "1" or "loop1" => 1, _ => null });
}
