using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;
using LibMultipath.Tests.Reclamation;

namespace LibMultipath.Tests.Selection;

/// <summary>Names with parameters, and names that a program adds. What is registered is the process's, so nothing else may run.</summary>
[Collection(AloneCollection.Name)]
public sealed class SelectorNameTests
{
    private static readonly SelectorDefinition s_last = new(
        "last",
        "the last path",
        [new SelectorParameter("back", "how many before the last", 0, 0, 9)],
        values => new TestSelector((ref PathIterator paths, in SelectContext _) =>
        {
            long skip = paths.Count - 1 - values["back"];
            paths.First();
            while (skip-- > 0)
            {
                paths.Next();
            }

            return paths.Current.ControllerId;
        }));

    [Theory]
    [InlineData("stripe:size=1M")]
    [InlineData("stripe:size=512")]
    [InlineData("stripe:size=2G")]
    [InlineData("weighted-round-robin:repeat=1000000")]
    [InlineData("historical-service-time:window=32,probe=0")]
    [InlineData("latency:")]
    public void A_name_may_be_followed_by_parameters(string name)
    {
        PathSelector policy = IoPolicies.Parse(name);

        Assert.Equal(name, policy.Name);
        using Rig rig = new(2, policy);
        rig.Pick(2);
    }

    [Theory]
    [InlineData("numa:node=1", "numa takes no parameters; leave out ':node=1'")]
    [InlineData("service-time:x=1", "service-time takes no parameters; leave out ':x=1'")]
    [InlineData("stripe:sise=4K", "stripe has no parameter 'sise'; give one of size")]
    [InlineData("historical-service-time:,", "has no parameter ''; give one of window, probe")]
    [InlineData("stripe:size", "'size' is no parameter of stripe; give size=NUMBER, from 512 to 1099511627776, a multiple of 512")]
    [InlineData("stripe:size=", "'size=' is no parameter")]
    [InlineData("stripe:size=4096x", "'size=4096x' is no parameter")]
    [InlineData("stripe:size=-512", "'size=-512' is no parameter")]
    [InlineData("stripe:size=513", "a multiple of 512")]
    [InlineData("stripe:size=99999999999G", "'size=99999999999G' is no parameter")]
    [InlineData("stripe:size=9223372036854775807", "is no parameter")]
    [InlineData("weighted-round-robin:repeat=0", "from 1 to 1000000")]
    [InlineData("stripe:size=4K,size=8K", "was given size twice; give it once")]
    [InlineData("strip:size=4K", "there is no policy 'strip'; give one of numa,")]
    public void What_is_wrong_with_parameters_is_said_with_what_there_is(string name, string expected)
    {
        Assert.False(IoPolicies.TryParse(name, out PathSelector? policy, out string? error));
        Assert.Null(policy);
        Assert.Contains(expected, error);
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => IoPolicies.Parse(name)).Message);
    }

    [Fact]
    public void A_program_adds_names_and_takes_them_away()
    {
        using (IoPolicies.Register(s_last))
        {
            Assert.Contains(s_last, IoPolicies.Definitions);
            Assert.Throws<ArgumentException>(() => IoPolicies.Register(s_last));
            using Rig rig = new(3, IoPolicies.Parse("last"));
            Assert.Equal([2, 2], rig.Pick(2));
            rig.Head.Policy.Set(IoPolicies.Parse("last:back=1"));
            Assert.Equal([1, 1], rig.Pick(2));
        }

        Assert.False(IoPolicies.TryParse("last", out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("a=b")]
    [InlineData("a,b")]
    [InlineData("numa")]
    public void What_cannot_be_a_name_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => IoPolicies.Register(s_last with { Name = name }));

    [Theory]
    [InlineData(0, 0, 1, 0)]
    [InlineData(2, 0, 1, 1)]
    [InlineData(-1, 0, 1, 1)]
    [InlineData(3, 0, 4, 2)]
    public void A_parameter_without_a_default_that_it_can_have_is_refused(long value, long least, long most, long multiple) =>
        Assert.Throws<ArgumentException>(() => IoPolicies.Register(s_last with { Parameters = [new SelectorParameter("a", "", value, least, most, multiple)] }));

    [Fact]
    public void A_selector_that_cannot_be_made_changes_nothing()
    {
        using IDisposable registered = IoPolicies.Register(s_last with { Create = _ => throw new InvalidOperationException("wanted") });
        using Rig rig = new(2, IoPolicies.RoundRobin);

        Assert.Throws<InvalidOperationException>(() => rig.Head.Policy.Set(IoPolicies.Parse("last")));

        Assert.Same(IoPolicies.RoundRobin, rig.Head.Policy.Selector);
        Assert.Equal([0, 1], rig.Pick(2).Order());
        var policy = new MpathIoPolicy(IoPolicies.Parse("last"));
        Assert.Throws<InvalidOperationException>(() => new MpathHead("never", new TestTemplate(policy)));
        policy.Set(IoPolicies.Numa);
    }

    [Fact]
    public void A_selector_is_made_by_its_name_to_be_attached()
    {
        using IDisposable registered = IoPolicies.Register(s_last);
        using Rig rig = new(3);
        using SelectorRegistration registration = new MpathSelectors().Register(IoPolicies.CreateSelector("last:back=1"), rig.Head, TestSelector.Untimed);

        Assert.Equal([1, 1], rig.Pick(2));
        Assert.Contains("'numa' is a policy, and cannot be attached; give one of service-time,", Assert.Throws<ArgumentException>(() => IoPolicies.CreateSelector("numa")).Message);
        Assert.Contains("there is no policy 'first'", Assert.Throws<ArgumentException>(() => IoPolicies.CreateSelector("first")).Message);
    }

    [Fact]
    public void The_same_policy_with_the_same_parameters_goes_on_as_it_is()
    {
        int made = 0;
        using IDisposable registered = IoPolicies.Register(s_last with { Create = _ => (++made, TestSelector.Always(0)).Item2 });
        using Rig rig = new(2, IoPolicies.Parse("last:back=1"));
        Assert.Equal(1, made);

        rig.Head.Policy.Set(IoPolicies.Parse("last:back=1"));
        Assert.Equal(1, made);

        rig.Head.Policy.Set(IoPolicies.Parse("last:back=2"));
        Assert.Equal(2, made);
    }

    [Fact]
    public void A_policy_whose_selector_has_come_off_is_begun_anew_when_it_is_set_again()
    {
        int made = 0;
        using IDisposable registered = IoPolicies.Register(s_last with { Create = _ => (++made, new TestSelector((ref PathIterator _, in SelectContext _) => -1)).Item2 });
        using Rig rig = new(2, IoPolicies.Parse("last"));
        rig.Pick(200);
        rig.Head.Policy.Set(IoPolicies.Parse("last"));

        Assert.Equal(2, made);
    }

    [Fact]
    public void A_definition_that_lacks_something_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => IoPolicies.Register(s_last with { Summary = null! }));
        Assert.Throws<ArgumentNullException>(() => IoPolicies.Register(s_last with { Create = null! }));
        Assert.Throws<ArgumentNullException>(() => IoPolicies.Register(s_last with { Parameters = null! }));
        Assert.Throws<ArgumentNullException>(() => IoPolicies.Register(s_last with { Parameters = [new SelectorParameter("a", null!, 0, 0, 1)] }));
    }

    [Fact]
    public void The_selector_of_a_policy_that_was_replaced_is_told_nothing_more()
    {
        var telling = new TellingSelector();
        using IDisposable registered = IoPolicies.Register(s_last with { Create = _ => telling });
        using Rig rig = new(2, IoPolicies.Parse("last"));
        rig[0].Hold = true;
        Io io = rig.Submit();
        Assert.Equal(["started 1 512"], telling.Told);

        rig.Head.Policy.Set(IoPolicies.Numa);
        rig[0].Take().Complete(BlockStatus.Ok);

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(["started 1 512"], telling.Told);
    }

    [Fact]
    public void What_cannot_be_the_name_of_a_parameter_is_refused() =>
        Assert.Throws<ArgumentException>(() => IoPolicies.Register(s_last with { Parameters = [new SelectorParameter("a=b", "", 0, 0, 1)] }));
}
