using FsCheck;
using FsCheck.Fluent;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Kit;

public sealed class SeedsTests
{
    private readonly Output _output = new();

    [Fact]
    public void A_seed_is_told_with_the_way_to_repeat_it()
    {
        int seed = Seeds.Next(_output, null);

        Assert.InRange(seed, 0, int.MaxValue);
        Assert.Equal([$"Seed {seed}: LIBMULTIPATH_SEED={seed} repeats this run."], _output.Lines);
    }

    [Fact]
    public void A_seed_that_is_given_is_taken() => Assert.Equal(4711, Seeds.Next(_output, "4711"));

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("99999999999")]
    public void A_seed_that_is_none_is_refused(string given) =>
        Assert.Throws<InvalidOperationException>(() => Seeds.Next(_output, given));

    [Fact]
    public void A_property_is_checked_from_the_seed_as_often_as_asked()
    {
        int checks = 0;

        Prop.ForAll(ArbMap.Default.ArbFor<int>(), _ => ++checks > 0).Check(Seeds.Config(_output, 37));

        Assert.Equal(37, checks);
        Assert.Single(_output.Lines);
    }

    private sealed class Output : ITestOutputHelper
    {
        public List<string> Lines { get; } = [];

        public void WriteLine(string message) => Lines.Add(message);

        public void WriteLine(string format, params object[] args) => Lines.Add(string.Format(null, format, args));
    }
}
