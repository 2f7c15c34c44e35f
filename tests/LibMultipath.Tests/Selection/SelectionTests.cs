using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;
using LibMultipath.Topology;

namespace LibMultipath.Tests.Selection;

public sealed class SelectionTests
{
    private const MpathAccessState Optimized = MpathAccessState.Optimized;
    private const MpathAccessState NonOptimized = MpathAccessState.NonOptimized;
    private const MpathAccessState Other = MpathAccessState.Other;

    [Theory]
    [InlineData("numa")]
    [InlineData("round-robin")]
    [InlineData("queue-depth")]
    public void The_first_of_equals_is_taken(string policy)
    {
        using Rig rig = new(0, IoPolicies.Parse(policy));
        rig.AddPath(Other);
        rig.AddPath(NonOptimized);
        rig.AddPath(NonOptimized);
        rig.Head.Policy.Set(IoPolicies.Parse(policy));
        Assert.Equal(1, rig.Pick());
    }

    [Theory]
    [InlineData("numa")]
    [InlineData("round-robin")]
    [InlineData("queue-depth")]
    public void An_optimized_path_is_taken_however_many_others_there_are(string policy)
    {
        using Rig rig = new(0, IoPolicies.Parse(policy));
        rig.AddPath(NonOptimized);
        rig.AddPath(Other);
        rig.AddPath(Optimized);
        rig.AddPath(NonOptimized);

        Assert.Equal([2, 2, 2], rig.Pick(3));
    }

    public static TheoryData<string, string> Disabling
    {
        get
        {
            TheoryData<string, string> all = [];
            foreach (PathSelector policy in IoPolicies.All)
            {
                foreach (string reason in new[] { "down", "resetting", "connecting", "dead", "mismatch", "pending", "inaccessible" })
                {
                    all.Add(policy.Name, reason);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Disabling))]
    public void A_disabled_path_is_never_taken(string policy, string reason)
    {
        using Rig rig = new(3, IoPolicies.Parse(policy));
        int taken = rig.Pick();
        MpathDevice path = rig.Paths[taken];
        switch (reason)
        {
            case "down": path.SetDown(); break;
            case "resetting": path.Controller.State = MpathControllerState.Resetting; break;
            case "connecting": path.Controller.State = MpathControllerState.Connecting; break;
            case "dead": path.Controller.State = MpathControllerState.Dead; break;
            case "inaccessible": path.AccessState = Other; break;
            case "mismatch":
                rig[taken].Resize(4096);
                rig.Head.Revalidate();
                break;
            default:
                path.SetReason(PathState.Pending, true);
                break;
        }

        Assert.False(path.IsUsable);
        Assert.DoesNotContain(taken, rig.Pick(6));
    }

    [Theory]
    [InlineData("numa")]
    [InlineData("round-robin")]
    [InlineData("queue-depth")]
    public void A_path_of_a_controller_that_is_being_deleted_still_works(string policy)
    {
        using Rig rig = new(1, IoPolicies.Parse(policy));
        rig.Paths[0].Controller.State = MpathControllerState.Deleting;

        Assert.Equal([0, 0], rig.Pick(2));
    }

    [Fact]
    public void Numa_takes_the_nearest_path_of_the_best_kind()
    {
        FixedNumaTopology topology = new(new[,] { { 10, 30, 20 }, { 30, 10, 20 }, { 20, 20, 10 } });
        using Rig rig = new(0, IoPolicies.Numa, topology);
        rig.AddPath(Optimized, node: 0);
        rig.AddPath(Optimized, node: 1);
        rig.AddPath(NonOptimized, node: 2);

        Assert.Equal([0, 0], rig.Pick(2));
        topology.CurrentNode = 1;
        Assert.Equal([1, 1], rig.Pick(2));
        topology.CurrentNode = 2;
        Assert.Equal([0, 0], rig.Pick(2));
    }

    [Fact]
    public void Numa_takes_a_path_without_a_node_for_a_near_one_and_one_of_an_unknown_node_for_a_far_one()
    {
        FixedNumaTopology topology = new(2);
        using Rig rig = new(0, IoPolicies.Numa, topology);
        rig.AddPath(Optimized, node: 7);
        rig.AddPath(Optimized, node: NumaNode.None);
        rig.AddPath(Optimized, node: 0);

        Assert.Equal(1, rig.Pick());
    }

    [Fact]
    public void Numa_with_one_node_still_looks_at_the_distance()
    {
        using Rig rig = new(0, IoPolicies.Numa, new FixedNumaTopology(1));
        rig.AddPath(Optimized, node: 3);
        rig.AddPath(Optimized, node: 0);

        Assert.Equal(1, rig.Pick());
    }

    [Fact]
    public void Numa_stays_on_an_optimized_path_and_leaves_another_one_at_once()
    {
        using Rig rig = new(0, IoPolicies.Numa);
        rig.AddPath(NonOptimized);
        rig.AddPath(Other);
        Assert.Equal([0, 0], rig.Pick(2));

        // Behind the back of set-live, so that only selection can notice.
        rig.Paths[1].SetReason(PathState.UsableOptimized, true);
        Assert.Equal([1, 1], rig.Pick(2));
        rig.Paths[0].AccessState = Optimized;
        rig.Paths[0].AccessState = NonOptimized;
        rig.Paths[0].SetReason(PathState.AccessMask, false);
        rig.Paths[0].SetReason(PathState.UsableOptimized, true);
        rig.Head.Current(0) = rig.Paths[1];
        Assert.Equal([1, 1], rig.Pick(2));
    }

    [Fact]
    public void An_optimized_path_that_returns_sets_the_current_path_of_every_online_node()
    {
        FixedNumaTopology topology = new(3);
        topology.SetOnline(2, false);
        using Rig rig = new(0, IoPolicies.Numa, topology);
        rig.AddPath(NonOptimized, node: 1);
        rig.AddPath(Other, node: 1);
        Assert.Null(rig.Head.GetCurrentPath(0));
        Assert.Equal(0, rig.Pick());
        Assert.Same(rig.Paths[0], rig.Head.GetCurrentPath(0));
        Assert.Null(rig.Head.GetCurrentPath(1));

        rig.Paths[1].AccessState = Optimized;

        Assert.Same(rig.Paths[1], rig.Head.GetCurrentPath(0));
        Assert.Same(rig.Paths[1], rig.Head.GetCurrentPath(1));
        Assert.Null(rig.Head.GetCurrentPath(2));
    }

    [Fact]
    public void A_path_that_becomes_unusable_stays_current_and_is_skipped()
    {
        using Rig rig = new(2, IoPolicies.Numa);
        Assert.Equal(0, rig.Pick());

        rig.Paths[0].AccessState = Other;

        Assert.Same(rig.Paths[0], rig.Head.GetCurrentPath(0));
        Assert.Equal(1, rig.Pick());
        Assert.Same(rig.Paths[1], rig.Head.GetCurrentPath(0));
    }

    [Fact]
    public void Round_robin_goes_round_the_optimized_paths()
    {
        using Rig rig = new(0, IoPolicies.RoundRobin);
        rig.AddPath();
        rig.AddPath(NonOptimized);
        rig.AddPath();
        rig.AddPath(Other);
        rig.AddPath();

        Assert.Equal([2, 4, 0, 2, 4, 0], rig.Pick(6));
    }

    [Fact]
    public void Round_robin_keeps_a_ring_for_each_node()
    {
        FixedNumaTopology topology = new(2);
        using Rig rig = new(3, IoPolicies.RoundRobin, topology);

        Assert.Equal([1, 2], rig.Pick(2));
        topology.CurrentNode = 1;
        Assert.Equal([1, 2, 0], rig.Pick(3));
        topology.CurrentNode = 0;
        Assert.Equal([0, 1], rig.Pick(2));
    }

    [Fact]
    public void Round_robin_begins_with_the_first_when_it_has_no_current_path()
    {
        using Rig rig = new(3, IoPolicies.RoundRobin);
        rig.Head.ClearCurrentPath(rig.Paths[0]);

        Assert.Equal([0, 1, 2, 0], rig.Pick(4));
    }

    [Fact]
    public void Round_robin_goes_backwards_round_several_non_optimized_paths()
    {
        using Rig rig = new(0, IoPolicies.RoundRobin);
        for (int i = 0; i < 4; i++)
        {
            rig.AddPath(NonOptimized);
        }

        Assert.Equal([0, 3, 2, 1, 0, 3], rig.Pick(6));
    }

    [Fact]
    public void Round_robin_keeps_the_only_optimized_path_that_is_current()
    {
        using Rig rig = new(0, IoPolicies.RoundRobin);
        rig.AddPath(NonOptimized);
        rig.AddPath(Optimized);
        rig.AddPath(NonOptimized);

        Assert.Equal([1, 1, 1], rig.Pick(3));
        Assert.Same(rig.Paths[1], rig.Head.GetCurrentPath(0));
    }

    [Fact]
    public void Round_robin_leaves_a_disabled_current_path_for_a_non_optimized_one()
    {
        using Rig rig = new(0, IoPolicies.RoundRobin);
        rig.AddPath(Optimized);
        rig.AddPath(NonOptimized);
        rig.AddPath(Other);
        Assert.Equal(0, rig.Pick());

        rig.Paths[0].SetDown();

        Assert.Equal([1, 1], rig.Pick(2));
        Assert.Same(rig.Paths[1], rig.Head.GetCurrentPath(0));
    }

    [Theory]
    [InlineData(Optimized, true)]
    [InlineData(NonOptimized, true)]
    [InlineData(Other, false)]
    public void Round_robin_takes_the_only_path_there_is_if_it_is_usable(MpathAccessState state, bool usable)
    {
        using Rig rig = new(1, IoPolicies.RoundRobin);
        Assert.Equal(0, rig.Pick());

        rig.Paths[0].AccessState = state;

        using PathSelection selection = rig.Head.SelectPath();
        Assert.Equal(usable, selection.Path is not null);
    }

    [Fact]
    public void Queue_depth_takes_the_least_loaded_path_of_the_best_kind()
    {
        using Rig rig = new(0, IoPolicies.QueueDepth);
        rig.AddPath(NonOptimized);
        for (int i = 1; i < 4; i++)
        {
            rig.AddPath(Optimized);
        }

        foreach (MpathDevice path in rig.Paths)
        {
            ((TestDisk)path.Disk).Hold = true;
        }

        for (int i = 0; i < 7; i++)
        {
            rig.Submit();
        }

        Assert.Equal([1, 2, 3, 1, 2, 3, 1], rig.Picks);
        rig[3].Take().Complete(BlockStatus.Ok);
        rig.Submit();
        Assert.Equal(3, rig.Picks[^1]);
        rig.Paths[1].AccessState = rig.Paths[2].AccessState = rig.Paths[3].AccessState = Other;
        rig.Submit();
        Assert.Equal(0, rig.Picks[^1]);
        foreach (MpathDevice path in rig.Paths)
        {
            ((TestDisk)path.Disk).FailHeld();
        }
    }

    [Fact]
    public void Queue_depth_neither_reads_nor_writes_the_current_path()
    {
        using Rig rig = new(2, IoPolicies.QueueDepth);
        rig.Head.Current(0) = rig.Paths[1];

        Assert.Equal([0, 0, 0], rig.Pick(3));

        Assert.Same(rig.Paths[1], rig.Head.GetCurrentPath(0));
    }

    [Fact]
    public void Selecting_allocates_nothing()
    {
        foreach (PathSelector policy in IoPolicies.All)
        {
            using Rig rig = new(5, policy);
            rig.Paths[2].AccessState = NonOptimized;
            Select(rig.Head, 1000);

            long before = GC.GetAllocatedBytesForCurrentThread();
            Select(rig.Head, 1000);
            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;

            // A debug build keeps a record of every section.
            if (typeof(LibMultipath.Reclamation.SrcuToken).GetProperty("Record", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance) is null)
            {
                Assert.Equal(0, bytes);
            }
            else
            {
                Assert.True(bytes < 1000 * 200, $"{policy}: {bytes} bytes in 1000 selections.");
            }
        }
    }

    private static void Select(MpathHead head, int times)
    {
        for (int i = 0; i < times; i++)
        {
            using PathSelection selection = head.SelectPath();
            Assert.NotNull(selection.Path);
        }
    }
}
