using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;
using LibMultipath.Topology;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Tests.Disk.Faults;

/// <summary>The faults of the proposed kernel library that concern the selection of paths, a test for each under its number.</summary>
public sealed class SelectionFaultTests
{
    [Theory]
    [InlineData("numa")]
    [InlineData("round-robin")]
    [InlineData("queue-depth")]
    public void F01_found_and_fallback_start_as_none(string policy)
    {
        using Rig rig = new(3, IoPolicies.Parse(policy));
        rig.LoseAll();
        rig.Head.ClearCurrentPath(rig.Paths[0]);
        for (int i = 0; i < 3; i++)
        {
            using (PathSelection nothing = rig.Head.SelectPath())
            {
                Assert.Null(nothing.Path);
            }

            // Something to be left over in whatever is not initialised.
            rig.Paths[i].AccessState = MpathAccessState.NonOptimized;
            Assert.Equal(i, rig.Pick());
            rig.Paths[i].AccessState = MpathAccessState.Other;
        }
    }

    [Fact]
    public void F04_load_is_counted_for_the_controller_and_not_for_the_path()
    {
        MpathIoPolicy policy = new(IoPolicies.QueueDepth);
        MpathController busy = new(1);
        MpathController idle = new(2);
        using Rig other = new(0, template: new TestTemplate(policy));
        using Rig rig = new(0, template: new TestTemplate(policy));
        other.AddPath(controller: busy);
        rig.AddPath(controller: busy);
        rig.AddPath(controller: idle);
        other[0].Hold = true;

        other.Submit();

        Assert.Equal(1, busy.ActiveCount);
        Assert.Equal(1, rig.Pick());
        other[0].Take().Complete(BlockStatus.Ok);
        Assert.Equal(0, rig.Pick());
    }

    [Fact]
    public void F05_load_is_updated_at_every_start_and_end()
    {
        using Rig rig = new(2, IoPolicies.QueueDepth);
        rig[0].Hold = rig[1].Hold = true;
        for (int i = 0; i < 10; i++)
        {
            rig.Submit();
            Assert.Equal(rig[0].Held.Count, rig.Paths[0].Controller.ActiveCount);
            Assert.Equal(rig[1].Held.Count, rig.Paths[1].Controller.ActiveCount);
        }

        Assert.Equal((5, 5), (rig[0].Held.Count, rig[1].Held.Count));
        for (int i = 4; i >= 0; i--)
        {
            rig[0].Take().Complete(BlockStatus.Ok);
            Assert.Equal(i, rig.Paths[0].Controller.ActiveCount);
        }

        rig[1].FailHeld();
    }

    [Fact]
    public void F06_the_node_of_a_path_is_what_the_driver_says_and_selection_goes_by_it()
    {
        FixedNumaTopology topology = new(2) { CurrentNode = 1 };
        using Rig rig = new(0, IoPolicies.Numa, topology);
        Assert.Equal(0, rig.AddPath(node: 0).NumaNode);
        Assert.Equal(1, rig.AddPath(node: 1).NumaNode);
        Assert.Equal(NumaNode.None, rig.NewPath().NumaNode);
        Assert.Equal(1, rig.Pick());
    }

    [Fact]
    public void F07_there_may_be_as_many_nodes_as_there_are()
    {
        FixedNumaTopology topology = new(5000) { CurrentNode = 4999 };
        using Rig rig = new(0, IoPolicies.Numa, topology);
        rig.AddPath(node: 0);
        rig.AddPath(node: 4999);

        Assert.Equal(1, rig.Pick());
        Assert.Same(rig.Paths[1], rig.Head.GetCurrentPath(4999));
        Assert.Same(rig.Paths[0], rig.Head.GetCurrentPath(0));
        Assert.True(rig.Head.ClearCurrentPath(rig.Paths[1]));
        Assert.Null(rig.Head.GetCurrentPath(4999));
    }

    [Fact]
    public void F08_a_change_of_the_policy_is_information()
    {
        using Rig rig = new(1);
        rig.Head.Policy.Set(IoPolicies.RoundRobin);

        Assert.Equal(LogLevel.Information, Assert.Single(rig.Log.Lines, line => line.Text.Contains("iopolicy", StringComparison.Ordinal)).Level);
    }

    [Fact]
    public void F09_what_is_not_found_is_said_to_be_none()
    {
        PathSelector? selector = IoPolicies.Numa;
        Assert.False(IoPolicies.TryParse("none such", out selector));
        Assert.Null(selector);
        Assert.False(IoPolicies.TryParse(null, out selector));
        Assert.Null(selector);
    }

    [Fact]
    public void F16_numa_passes_a_disabled_current_path()
    {
        using Rig rig = new(2, IoPolicies.Numa);
        Assert.Equal(0, rig.Pick());
        rig.Paths[0].SetDown();
        Assert.Same(rig.Paths[0], rig.Head.GetCurrentPath(0));
        Assert.Equal(MpathAccessState.Optimized, rig.Paths[0].AccessState);

        Assert.Equal(1, rig.Pick());
    }

    [Theory]
    [InlineData(0, MpathAccessState.Optimized)]
    [InlineData(1, MpathAccessState.NonOptimized)]
    [InlineData(2, MpathAccessState.Other)]
    [InlineData(3, MpathAccessState.Other)]
    public async Task F17_a_current_path_that_has_left_the_list_ends_the_ring(int which, MpathAccessState others)
    {
        using Rig rig = new(4, IoPolicies.RoundRobin);
        MpathDevice gone = rig.Paths[which];
        rig.Head.Remove(gone);
        foreach (MpathDevice path in rig.Head.Paths)
        {
            path.AccessState = others;
        }

        // An endless ring would be one of another thread, and seen here.
        await Task.Run(Select).WaitAsync(Eventually.Limit);

        void Select()
        {
            // With three paths left, with two, with one, with none.
            for (int left = 3; left >= 0; left--)
            {
                rig.Head.Current(0) = gone;
                using (PathSelection selection = rig.Head.SelectPath())
                {
                    Assert.Equal(others == MpathAccessState.Other || left == 0, selection.Path is null);
                    Assert.NotSame(gone, selection.Path);
                }

                if (left > 0)
                {
                    rig.Head.Remove(rig.Head.Paths[0]);
                }
            }
        }
    }

    [Theory]
    [InlineData("n")]
    [InlineData("round")]
    [InlineData("round-robinhood")]
    [InlineData("queue-depth2")]
    public void F28_names_are_not_matched_by_prefix(string name)
    {
        using Rig rig = new(1);
        Assert.Throws<ArgumentException>(() => rig.Head.Policy.Set(IoPolicies.Parse(name)));
        Assert.Same(IoPolicies.Numa, rig.Head.Policy.Selector);
    }
}
