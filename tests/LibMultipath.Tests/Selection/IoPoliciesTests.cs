using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Reclamation;

namespace LibMultipath.Tests.Selection;

public sealed class IoPoliciesTests
{
    [Theory]
    [InlineData("numa")]
    [InlineData("round-robin")]
    [InlineData("queue-depth")]
    public void A_policy_is_found_by_its_whole_name_with_or_without_a_newline(string name)
    {
        Assert.Equal(name, IoPolicies.Parse(name).Name);
        Assert.Same(IoPolicies.Parse(name), IoPolicies.Parse(name + "\n"));
        Assert.Equal(name, IoPolicies.Create(name).ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("num")]
    [InlineData("numa1")]
    [InlineData("numa\n\n")]
    [InlineData("\nnuma")]
    [InlineData("numa\r\n")]
    [InlineData(" numa")]
    [InlineData("numa ")]
    [InlineData("NUMA")]
    [InlineData("round")]
    [InlineData("round-robin-x")]
    [InlineData("queue-dept")]
    [InlineData("service-tim")]
    public void What_is_not_a_name_is_refused(string? name)
    {
        Assert.False(IoPolicies.TryParse(name, out PathSelector? selector));
        Assert.Null(selector);
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => IoPolicies.Parse(name!));
        Assert.All(IoPolicies.All, policy => Assert.Contains(policy.Name, refusal.Message));
        Assert.Throws<ArgumentException>(() => IoPolicies.Create(name!));
    }

    [Fact]
    public void There_are_the_policies_of_Linux_and_the_selectors_that_have_names() =>
        Assert.Equal(
            ["numa", "round-robin", "queue-depth", "service-time", "historical-service-time", "io-affinity", "weighted-round-robin", "stripe", "latency"],
            IoPolicies.All.Select(policy => policy.Name));
}

/// <summary>The default is one for the whole process, so nothing else may run.</summary>
[Collection(AloneCollection.Name)]
public sealed class DefaultPolicyTests
{
    [Fact]
    public void The_default_is_numa_until_it_is_set_and_new_policy_objects_get_it()
    {
        Assert.Same(IoPolicies.Numa, IoPolicies.Default);
        MpathIoPolicy before = IoPolicies.Create();
        try
        {
            IoPolicies.Default = IoPolicies.QueueDepth;

            Assert.Same(IoPolicies.QueueDepth, IoPolicies.Default);
            Assert.Same(IoPolicies.QueueDepth, IoPolicies.Create().Selector);
            Assert.Same(IoPolicies.Numa, before.Selector);
            Assert.Same(IoPolicies.RoundRobin, IoPolicies.Create("round-robin").Selector);
            Assert.Throws<ArgumentNullException>(() => IoPolicies.Default = null!);
        }
        finally
        {
            IoPolicies.Default = IoPolicies.Numa;
        }
    }
}
