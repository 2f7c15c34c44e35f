using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;
using LibMultipath.Topology;

namespace LibMultipath.Tests.Selection;

public sealed class PathIteratorTests
{
    [Fact]
    public void An_iterator_of_nothing_refuses_every_step()
    {
        PathIterator none = default;

        Assert.Equal(Errno.EPERM, none.First());
        Assert.Equal(Errno.EPERM, none.Next());
        Assert.Equal(Errno.EPERM, none.MoveTo(default));
        Assert.Equal(0, none.Count);
        Assert.True(none.Current.IsNone);
    }

    [Fact]
    public void Without_paths_there_is_no_first()
    {
        var paths = new PathIterator([], 10, 0, 0);

        Assert.Equal(Errno.ENXIO, paths.First());
        Assert.Equal(Errno.ENXIO, paths.Next());
        Assert.Equal(0, paths.Count);
    }

    [Fact]
    public void The_steps_go_through_the_list_in_its_order_and_end_with_again()
    {
        using Rig rig = new(3);
        PathIterator paths = Over(rig);

        Assert.Equal(3, paths.Count);
        Assert.Equal(Errno.ENXIO, paths.Next());
        Assert.True(paths.Current.IsNone && paths.Previous.IsNone);
        Assert.Equal(default, paths.First());
        Assert.Equal(1, paths.Current.ControllerId);
        Assert.True(paths.Previous.IsNone);
        Assert.Equal(default, paths.Next());
        Assert.Equal((2, 1), (paths.Current.ControllerId, paths.Previous.ControllerId));
        Assert.Equal(default, paths.Next());
        Assert.Equal(Errno.EAGAIN, paths.Next());
        Assert.True(paths.Current.IsNone);
        Assert.Equal(3, paths.Previous.ControllerId);
        Assert.Equal(Errno.ENXIO, paths.Next());
        Assert.Equal(default, paths.First());
        Assert.Equal(1, paths.Current.ControllerId);
    }

    [Fact]
    public void A_path_that_was_current_can_be_again()
    {
        using Rig rig = new(3);
        using Rig other = new(1);
        PathIterator paths = Over(rig);
        PathIterator foreign = Over(other);
        foreign.First();
        paths.First();
        paths.Next();
        PathView second = paths.Current;
        paths.Next();

        Assert.Equal(default, paths.MoveTo(second));
        Assert.Equal(second, paths.Current);
        Assert.Equal(3, paths.Previous.ControllerId);
        Assert.Equal(Errno.ENXIO, paths.MoveTo(foreign.Current));
        Assert.Equal(Errno.EINVAL, paths.MoveTo(default));
        Assert.True(second == paths.Current);
    }

    [Fact]
    public void A_path_is_found_although_those_before_it_have_left_the_heads_list()
    {
        using Rig rig = new(3);
        PathIterator paths = Over(rig);
        paths.First();
        paths.Next();
        PathView second = paths.Current;
        rig.Head.Remove(rig.Paths[0]);

        Assert.Equal(default, paths.MoveTo(second));
        Assert.Equal(second, paths.Current);
    }

    [Fact]
    public void Every_path_is_shown_with_what_it_is_whether_it_can_be_used_or_not()
    {
        using Rig rig = new(1, policy: IoPolicies.QueueDepth);
        MpathDevice other = rig.AddPath(MpathAccessState.NonOptimized, node: 0);
        rig[0].Hold = true;
        rig.Submit();
        rig.Paths[0].SetDown();
        other.Weight = 7;
        other.ReportLatency(TimeSpan.FromMicroseconds(20));

        PathIterator paths = Over(rig);
        paths.First();
        PathView first = paths.Current;
        Assert.Equal((1, 1, false, false, 1), (first.ControllerId, first.Load, first.IsUsable, first.IsOptimized, first.Weight));
        Assert.Equal(NumaNode.None, first.NumaNode);
        paths.Next();
        PathView second = paths.Current;
        Assert.Equal((2, 0, true, false, 7), (second.ControllerId, second.Load, second.IsUsable, second.IsOptimized, second.Weight));
        Assert.NotEqual(first.Slot, second.Slot);
        Assert.True(first.Slot >= 0 && second.Slot >= 0);
        Assert.Equal(MpathAccessState.NonOptimized, second.AccessState);
        Assert.Equal((0, 20_000L, 1L), (second.NumaNode, second.Latency.Smoothed, second.Latency.Samples));
        rig[0].Take().Complete(BlockStatus.Ok);
    }

    [Fact]
    public void No_path_is_shown_as_one_that_cannot_be_used()
    {
        PathView none = default;

        Assert.True(none.IsNone);
        Assert.Equal((-1, false, false, 0, 0, -1), (none.ControllerId, none.IsUsable, none.IsOptimized, none.Load, none.Weight, none.Slot));
        Assert.Equal(MpathAccessState.Other, none.AccessState);
        Assert.Equal("no path", none.ToString());
    }

    [Fact]
    public void Beyond_the_budget_of_steps_every_step_is_refused()
    {
        using Rig rig = new(2);
        var paths = new PathIterator(rig.Head.PathList, 2, 0, 0);

        Assert.Equal(default, paths.First());
        Assert.Equal(default, paths.Next());
        Assert.False(paths.IsOverBudget);
        Assert.Equal(Errno.ETIME, paths.First());
        Assert.True(paths.IsOverBudget);
        Assert.Equal(2, paths.Current.ControllerId);
        bool threw = false;
        try
        {
            paths.Next();
        }
        catch (TimeoutException)
        {
            threw = true;
        }

        Assert.True(threw);
    }

    [Fact]
    public void Beyond_the_budget_of_time_every_step_is_refused()
    {
        using Rig rig = new(2);
        var paths = new PathIterator(rig.Head.PathList, 100, begun: 0, maxTicks: 1);

        Assert.Equal(Errno.ETIME, paths.First());
        Assert.True(paths.IsOverBudget);
    }

    private static PathIterator Over(Rig rig) => new(rig.Head.PathList, 100, 0, 0);
}
