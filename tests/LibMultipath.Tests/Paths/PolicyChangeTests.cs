using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Tests.Paths;

public sealed class PolicyChangeTests
{
    [Fact]
    public void A_change_forgets_the_current_paths_of_every_head_that_shares_the_policy_and_no_others()
    {
        MpathIoPolicy shared = IoPolicies.Create("numa");
        using Rig one = new(2, template: new TestTemplate(shared));
        using Rig two = new(2, template: new TestTemplate(shared));
        using Rig other = new(2);
        Assert.All(new[] { one, two, other }, rig => Assert.NotNull(rig.Head.GetCurrentPath(0)));

        shared.Set(IoPolicies.RoundRobin);

        Assert.Null(one.Head.GetCurrentPath(0));
        Assert.Null(two.Head.GetCurrentPath(0));
        Assert.NotNull(other.Head.GetCurrentPath(0));
        Assert.Equal([0, 1, 0], one.Pick(3));
        Assert.Equal([0, 1, 0], two.Pick(3));
    }

    [Fact]
    public void A_change_is_one_line_of_information()
    {
        MpathIoPolicy shared = IoPolicies.Create("numa");
        using Rig one = new(1, template: new TestTemplate(shared));
        using Rig two = new(1, template: new TestTemplate(shared));

        shared.Set(IoPolicies.QueueDepth);

        (LogLevel level, int id, string text) = Assert.Single(one.Log.Lines.Concat(two.Log.Lines), line => line.Id == 300);
        Assert.Equal(LogLevel.Information, level);
        Assert.EndsWith("iopolicy changed from numa to queue-depth", text);
        Assert.DoesNotContain(one.Log.Lines, line => line.Level > LogLevel.Information);
    }

    [Fact]
    public void The_same_policy_again_changes_nothing()
    {
        using Rig rig = new(2, IoPolicies.RoundRobin);
        Assert.Equal(1, rig.Pick());

        rig.Head.Policy.Set(IoPolicies.Parse("round-robin\n"));

        Assert.Same(rig.Paths[1], rig.Head.GetCurrentPath(0));
        Assert.Equal(0, rig.Log.Count(300));
        Assert.Equal(0, rig.Work.Count);
    }

    [Fact]
    public void A_policy_that_one_transport_does_not_allow_changes_no_head()
    {
        MpathIoPolicy shared = IoPolicies.Create("numa");
        using Rig one = new(1, template: new TestTemplate(shared));
        using Rig two = new(1, template: new FilteringTemplate(shared, IoPolicies.Numa, IoPolicies.RoundRobin));

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => shared.Set(IoPolicies.QueueDepth));

        Assert.Contains("queue-depth", refusal.Message);
        Assert.Same(IoPolicies.Numa, shared.Selector);
        Assert.NotNull(one.Head.GetCurrentPath(0));
        shared.Set(IoPolicies.RoundRobin);
        Assert.Equal("round-robin", two.Head.Policy.ToString());
    }

    [Fact]
    public void A_head_whose_transport_does_not_allow_the_policy_is_not_made()
    {
        MpathIoPolicy policy = IoPolicies.Create("queue-depth");
        Assert.Throws<ArgumentException>(() => new MpathHead("head", new FilteringTemplate(policy, IoPolicies.Numa)));

        policy.Set(IoPolicies.Numa);
        using MpathHead head = new("head", new FilteringTemplate(policy, IoPolicies.Numa));
        Assert.Throws<ArgumentException>(() => policy.Set(IoPolicies.QueueDepth));
        head.Dispose();
        policy.Set(IoPolicies.QueueDepth);
    }

    [Fact]
    public async Task A_selection_that_began_in_the_old_way_leaves_no_current_path_behind()
    {
        using Rig rig = new(2);
        MpathDevice stale = rig.Paths[1];
        Task change;
        using (PathSelection reader = rig.Head.SelectPath())
        {
            change = Task.Run(() => rig.Head.Policy.Set(IoPolicies.RoundRobin));
            Eventually.True(() => rig.Head.Policy.Selector == IoPolicies.RoundRobin, "the change");

            // What a selector of the old policy might still do in its section.
            rig.Head.Current(0) = stale;
        }

        await change;
        Assert.Null(rig.Head.GetCurrentPath(0));
    }

    [Fact]
    public void Io_in_flight_survives_a_change()
    {
        using Rig rig = new(2, IoPolicies.QueueDepth);
        rig[0].Hold = true;
        Io io = rig.Submit();
        rig.Head.Policy.Set(IoPolicies.Numa);
        rig[0].Take().FailPath(BlockStatus.Transport);
        rig.Work.RunAll();
        io.AssertEnded(BlockStatus.Ok);
    }
}
