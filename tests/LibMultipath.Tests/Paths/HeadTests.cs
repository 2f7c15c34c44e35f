using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;

namespace LibMultipath.Tests.Paths;

public sealed class HeadTests
{
    [Fact]
    public void A_head_lives_as_long_as_anybody_has_a_reference()
    {
        Rig rig = new(1);
        rig.Head.Dispose();
        rig.Head.Dispose();
        Assert.True(rig.Head.TryGet());
        rig.Disk.Dispose();
        Assert.True(rig.Head.TryGet());
        rig.Head.Put();
        rig.Head.Remove(rig.Paths[0]);
        Assert.True(rig.Head.TryGet(), "Ours is left.");
        rig.Head.Put();

        rig.Head.Put();

        Assert.False(rig.Head.TryGet());
        Assert.Throws<BlockException>(() => new MpathDisk(rig.Head));
        Assert.Throws<BlockException>(() => rig.AddPath());
        rig.Dispose();
    }

    [Fact]
    public void A_reference_that_was_never_got_cannot_be_put()
    {
        MpathHead head = new("head", new TestTemplate());
        head.Dispose();
        Assert.Throws<InvalidOperationException>(head.Put);
        Assert.Throws<InvalidOperationException>(head.Put);
        Assert.False(head.TryGet());
    }

    [Fact]
    public void Every_path_is_called_back_in_order_usable_or_not()
    {
        using Rig rig = new(3);
        rig.Paths[1].SetDown();
        var seen = new List<string>();
        rig.Head.ForEachPath(seen, static (path, seen) => seen.Add(path.ToString()));
        Assert.Equal(["path0 (Optimized)", "path1 (Optimized, disabled)", "path2 (Optimized)"], seen);
    }

    [Fact]
    public void The_selected_path_is_called_back_and_without_one_it_would_block()
    {
        using Rig rig = new(2, IoPolicies.RoundRobin);
        var seen = new List<MpathDevice>();
        rig.Head.ForOnePath(seen, static (path, seen) => seen.Add(path));
        rig.Head.ForOnePath(seen, static (path, seen) => seen.Add(path));
        Assert.Equal([rig.Paths[1], rig.Paths[0]], seen);

        rig.LoseAll();
        BlockException nobody = Assert.Throws<BlockException>(() => rig.Head.ForOnePath(seen, static (_, _) => { }));
        Assert.Equal(Errno.EAGAIN, nobody.Errno);
        using PathSelection selection = rig.Head.SelectPath();
        Assert.Null(selection.Path);
    }

    [Fact]
    public void A_head_without_a_disk_can_do_without_one()
    {
        using Rig rig = new(2, withDisk: false);
        rig.Paths[0].AccessState = MpathAccessState.NonOptimized;
        rig.Head.ScheduleRequeue();
        rig.Head.Revalidate();
        rig.Head.Policy.Set(IoPolicies.QueueDepth);
        rig.Head.DelayedRemovalSecs = 1;
        Assert.False(rig.Head.IsAvailable);
        Assert.Equal(0, rig.Head.WaitingCount);
    }

    [Fact]
    public void Clearing_says_whether_anything_changed()
    {
        using Rig rig = new(2);
        Assert.False(rig.Head.ClearCurrentPath(rig.Paths[1]));
        Assert.True(rig.Head.ClearCurrentPath(rig.Paths[0]));
        Assert.False(rig.Head.ClearCurrentPath(rig.Paths[0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Head.GetCurrentPath(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Head.GetCurrentPath(-1));
    }
}
