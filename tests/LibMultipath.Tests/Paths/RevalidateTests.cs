using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;

namespace LibMultipath.Tests.Paths;

public sealed class RevalidateTests
{
    [Fact]
    public void The_first_path_makes_the_capacity_and_one_that_differs_is_not_used()
    {
        using Rig rig = new(1);
        rig.AddPath(capacity: 4096);
        Assert.Equal(2048, rig.Head.CapacitySectors);
        Assert.True(rig.Paths[1].HasCapacityMismatch);
        Assert.False(rig.Paths[1].IsUsable);
        rig.Paths[0].SetDown();
        Io io = rig.Submit();
        Assert.False(io.HasEnded);

        rig[1].Resize(2048);
        Assert.True(rig.Paths[1].HasCapacityMismatch);
        rig.Head.Revalidate();
        rig.Work.RunAll();

        Assert.False(rig.Paths[1].HasCapacityMismatch);
        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([1], rig.Picks);
    }

    [Fact]
    public void A_path_whose_capacity_is_not_the_heads_is_out_until_it_is_again()
    {
        using Rig rig = new(2);
        var seen = new List<string>();
        rig[0].Resize(4096);

        rig.Head.Revalidate(4096, (path, capacity) => seen.Add($"{path.Name} {capacity}"));

        Assert.Equal(["path0 4096", "path1 4096"], seen);
        Assert.Equal((true, false), (rig.Paths[0].IsUsable, rig.Paths[1].IsUsable));
        Assert.Equal(4096, rig.Disk.CapacitySectors);
        Assert.Equal(0, rig.Pick());
        rig[1].Resize(4096);
        rig.Head.Revalidate();
        Assert.True(rig.Paths[1].IsUsable);
    }

    [Fact]
    public void All_current_paths_are_forgotten()
    {
        using Rig rig = new(2);
        Assert.NotNull(rig.Head.GetCurrentPath(0));
        rig.Head.Revalidate();
        Assert.Null(rig.Head.GetCurrentPath(0));
    }

    [Fact]
    public void A_path_that_is_enabled_again_makes_a_disk_live_that_had_none()
    {
        using Rig rig = new(1, withDisk: false);
        rig.Head.Revalidate(1024);
        rig.Disk = new MpathDisk(rig.Head);
        Assert.False(rig.Disk.IsLive);

        rig[0].Resize(1024);
        rig.Head.Revalidate();

        Assert.True(rig.Disk.IsLive);
        Assert.Equal(1024, rig.Disk.CapacitySectors);
    }

    [Theory]
    [InlineData(-8)]
    [InlineData(2049)]
    [InlineData(long.MaxValue)]
    public void A_capacity_that_no_disk_can_have_changes_nothing(long capacity)
    {
        using Rig rig = new(0);
        rig.AddPath(limits: new QueueLimits { LogicalBlockSize = 4096 });

        Assert.Throws<ArgumentException>(() => rig.Head.Revalidate(capacity));

        Assert.Equal(2048, rig.Head.CapacitySectors);
        Assert.True(rig.Paths[0].IsUsable);
    }

    [Fact]
    public void The_heads_limits_are_those_of_all_paths()
    {
        using Rig rig = new(0);
        rig.AddPath(limits: new QueueLimits { MaxSectors = 512, MaxSegments = 16, Features = QueueFeatures.WriteCache | QueueFeatures.Fua });
        Assert.Equal(rig[0].Limits, rig.Head.Limits);
        int changes = 0;
        rig.Disk.Changed += _ => changes++;

        rig.AddPath(limits: new QueueLimits { MaxSectors = 128, PhysicalBlockSize = 4096, IoMin = 4096 });

        Assert.Equal(QueueLimits.Stack(rig[0].Limits, rig[1].Limits), rig.Head.Limits);
        Assert.Equal(rig.Head.Limits, rig.Disk.Limits);
        Assert.Equal(128, rig.Disk.Limits.MaxSectors);
        Assert.Equal(QueueFeatures.WriteCache, rig.Disk.Limits.Features & (QueueFeatures.WriteCache | QueueFeatures.Fua));
        Assert.Equal(1, changes);

        rig.Head.Remove(rig.Paths[1]);
        rig.Head.Revalidate();
        Assert.Equal(rig[0].Limits, rig.Disk.Limits);

        rig[0].Limit(new QueueLimits { MaxSectors = 64 });
        rig.Head.Revalidate();
        Assert.Equal(64, rig.Disk.Limits.MaxSectors);
    }

    [Fact]
    public void A_larger_logical_block_is_refused_once_users_see_the_disk()
    {
        using Rig rig = new(1);
        MpathDevice path = rig.NewPath(limits: new QueueLimits { LogicalBlockSize = 4096 });

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => rig.Head.Add(path));

        Assert.Contains("4096", refusal.Message);
        Assert.Equal([rig.Paths[0]], rig.Head.Paths);
        Assert.Equal(512, rig.Disk.Limits.LogicalBlockSize);
        rig.LoseAll();
        Assert.Throws<ArgumentException>(() => rig.Head.Add(path));
    }

    [Fact]
    public void A_path_whose_logical_block_becomes_larger_is_refused_while_users_see_the_disk()
    {
        using Rig rig = new(2);
        rig[1].Limit(new QueueLimits { LogicalBlockSize = 4096 });

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => rig.Head.Revalidate());

        Assert.Contains("4096", refusal.Message);
        Assert.Equal(512, rig.Disk.Limits.LogicalBlockSize);
        rig.Submit().AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void A_larger_logical_block_is_taken_before()
    {
        using Rig rig = new(0);
        rig.AddPath(MpathAccessState.Other);
        rig.AddPath(MpathAccessState.Optimized, limits: new QueueLimits { LogicalBlockSize = 4096 });

        Assert.Equal(4096, rig.Disk.Limits.LogicalBlockSize);
    }

    [Fact]
    public void A_path_that_was_refused_can_be_added_elsewhere()
    {
        using Rig rig = new(1);
        using Rig other = new(0);
        MpathDevice path = rig.NewPath(limits: new QueueLimits { LogicalBlockSize = 4096 });
        Assert.Throws<ArgumentException>(() => rig.Head.Add(path));

        other.Head.Add(path);
        path.SetLive();

        Assert.Same(other.Head, path.Head);
        Assert.True(other.Disk.IsLive);
    }
}
