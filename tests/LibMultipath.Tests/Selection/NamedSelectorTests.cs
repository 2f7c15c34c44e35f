using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;
using LibMultipath.Topology;

namespace LibMultipath.Tests.Selection;

/// <summary>The selectors that policies can name, each as its reference has it.</summary>
public sealed class NamedSelectorTests
{
    public static TheoryData<string> Named => [.. IoPolicies.Definitions.Select(definition => definition.Name)];

    [Theory]
    [MemberData(nameof(Named))]
    public void Optimized_paths_go_before_others_and_others_before_none(string policy)
    {
        using Rig rig = new(0, IoPolicies.Parse(policy));
        rig.AddPath(MpathAccessState.NonOptimized);
        rig.AddPath(MpathAccessState.NonOptimized);
        rig.AddPath();
        Assert.Equal([2, 2, 2, 2, 2, 2], rig.Pick(6));

        rig.Paths[2].SetDown();

        Assert.DoesNotContain(2, rig.Pick(6));
    }

    [Theory]
    [MemberData(nameof(Named))]
    public void Without_a_usable_path_io_waits_for_one(string policy)
    {
        using Rig rig = new(2, IoPolicies.Parse(policy));
        rig.LoseAll();
        Io io = rig.Submit();
        Assert.False(io.HasEnded);

        rig.Paths[1].AccessState = MpathAccessState.Optimized;
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([1], rig.Picks);
    }

    [Theory]
    [MemberData(nameof(Named))]
    public void Each_of_a_hundred_paths_can_be_chosen(string policy)
    {
        using Rig rig = new(100, IoPolicies.Parse(policy));
        rig.Head.Policy.Set(IoPolicies.Numa);
        rig.Head.Policy.Set(IoPolicies.Parse(policy));
        var seen = new HashSet<int>();
        var ios = new List<Io>();
        if (policy == "io-affinity")
        {
            // A processor has one path; which, is told below. The test may be moved to another.
            Assert.InRange(rig.Pick(5).Distinct().Count(), 1, Environment.ProcessorCount);
            return;
        }

        for (int i = 0; i < 20_000 && seen.Count < 100; i++)
        {
            int path = rig.Picks.Count;
            Io io = rig.Submit(sector: policy == "stripe" ? 128 * i % 2048 : 0);
            ios.Add(io);
            seen.Add(rig.Picks[path]);
            rig[rig.Picks[path]].Hold = policy is "service-time" or "historical-service-time";
        }

        // A disk of 2,048 sectors has 16 stripes.
        Assert.Equal(policy == "stripe" ? 16 : 100, seen.Count);
        foreach (MpathDevice path in rig.Paths)
        {
            ((TestDisk)path.Disk).FailHeld();
        }
    }

    [Fact]
    public void Service_time_goes_by_bytes_in_flight_and_weights()
    {
        using Rig rig = new(2, IoPolicies.Parse("service-time"));
        rig[0].Hold = rig[1].Hold = true;
        rig.Paths[1].Weight = 3;

        // Of two idle paths the one with the greater weight; then until it has three times as much.
        for (int i = 0; i < 8; i++)
        {
            rig.Submit();
        }

        Assert.Equal(2, rig.Picks.Count(path => path == 0));
        Assert.Equal(1, rig.Picks[0]);

        // What has ended does not count any more.
        while (rig[0].Held.Count > 0)
        {
            rig[0].Take().Complete(BlockStatus.Ok);
        }

        rig.Submit();
        Assert.Equal(0, rig.Picks[^1]);
        End(rig);
    }

    [Theory]
    [InlineData("service-time")]
    [InlineData("historical-service-time:probe=0")]
    public void Paths_that_are_equal_are_taken_in_turn(string policy)
    {
        using Rig rig = new(3, IoPolicies.Parse(policy));
        rig.Pick(3);

        int[] picks = rig.Pick(6);
        Assert.Equal([0, 1, 2], picks[..3].Order());
        Assert.Equal(picks[..3], picks[3..]);

        // A worse one does not change that, nor the loss of one of them.
        rig.AddPath(MpathAccessState.NonOptimized);
        rig.Paths[1].SetDown();
        picks = rig.Pick(4);
        Assert.Equal([0, 2], picks[..2].Order());
        Assert.Equal(picks[..2], picks[2..]);
    }

    [Fact]
    public void A_path_without_weight_is_taken_when_there_is_no_other()
    {
        using Rig rig = new(2, IoPolicies.Parse("service-time"));
        rig.Paths[0].Weight = 0;
        Assert.Equal([1, 1, 1], rig.Pick(3));
        rig.Paths[1].SetDown();
        Assert.Equal([0], rig.Pick(1));
    }

    [Theory]
    [InlineData("historical-service-time:probe=0")]
    [InlineData("latency:probe=0")]
    public void The_path_that_was_quick_is_chosen_until_it_is_slow(string policy)
    {
        using Rig rig = new(2, IoPolicies.Parse(policy));
        Teach(rig, 5, 1);
        Assert.Equal([1, 1, 1, 1], rig.Pick(4));

        Teach(rig, 5, 500);

        Assert.Equal([0, 0, 0, 0], rig.Pick(4));
    }

    [Fact]
    public void A_path_that_nothing_is_known_of_is_tried_though_the_first_one_is_idle()
    {
        using Rig rig = new(3, IoPolicies.Parse("historical-service-time:probe=0"));

        Assert.Equal([0, 1, 2], rig.Pick(3));
    }

    [Fact]
    public void A_path_without_weight_gets_nothing_from_latency_while_another_has_some()
    {
        using Rig rig = new(3, IoPolicies.Parse("latency"));
        rig.Paths[0].Weight = rig.Paths[2].Weight = 0;
        Assert.Equal([1], rig.Pick(50).Distinct());
        rig.Paths[1].SetDown();
        Assert.Equal([0, 2], rig.Pick(200).Distinct().Order());
    }

    [Theory]
    [InlineData("latency:probe=1")]
    [InlineData("historical-service-time:probe=1")]
    public void A_path_that_was_slow_is_tried_again_after_a_while(string policy)
    {
        using Rig rig = new(2, IoPolicies.Parse(policy));
        Teach(rig, 500, 1);

        int tried = 0;
        for (long end = Environment.TickCount64 + 60_000; tried == 0 && Environment.TickCount64 < end;)
        {
            tried += rig.Pick() == 0 ? 1 : 0;
        }

        Assert.Equal(1, tried);
    }

    [Fact]
    public void Latency_counts_as_often_as_there_are_ios_in_flight()
    {
        using Rig rig = new(2, IoPolicies.Parse("latency:probe=0"));
        Teach(rig, 1, 4);
        rig[0].Hold = rig[1].Hold = true;
        rig.Picks.Clear();
        for (int i = 0; i < 10; i++)
        {
            rig.Submit();
        }

        Assert.Equal(8, rig.Picks.Count(path => path == 0));
        End(rig);
    }

    [Fact]
    public void What_a_monitor_reports_decides_like_what_was_measured()
    {
        using Rig rig = new(2, IoPolicies.Parse("latency:probe=0"));
        rig.Paths[0].ReportLatency(TimeSpan.FromMilliseconds(2));
        rig.Paths[1].ReportLatency(TimeSpan.FromMilliseconds(1));

        Assert.Equal(1, rig.Pick());
    }

    [Theory]
    [InlineData("weighted-round-robin", new[] { 0, 1, 1, 2, 2, 2, 0, 1 })]
    [InlineData("weighted-round-robin:repeat=2", new[] { 0, 0, 1, 1, 1, 1, 2, 2 })]
    public void Weighted_round_robin_gives_each_path_its_turn(string policy, int[] expected)
    {
        using Rig rig = new(3, IoPolicies.Parse(policy));
        rig.Paths[1].Weight = 2;
        rig.Paths[2].Weight = 3;

        Assert.Equal(expected, rig.Pick(8));
        rig.Paths[0].Weight = rig.Paths[1].Weight = rig.Paths[2].Weight = 0;
        Assert.Equal([0, 0], rig.Pick(2));
    }

    [Fact]
    public void Stripes_are_dealt_out_to_all_paths()
    {
        using Rig rig = new(3, IoPolicies.Parse("stripe:size=4K"));
        foreach (long sector in new long[] { 0, 7, 8, 15, 16, 23, 24, 2047 })
        {
            rig.Submit(sector: sector).AssertEnded(BlockStatus.Ok);
        }

        Assert.Equal([0, 0, 1, 1, 2, 2, 0, 0], rig.Picks);
    }

    [Fact]
    public void A_processor_has_a_path_near_to_its_node_as_long_as_there_is_one()
    {
        using Rig rig = new(0, IoPolicies.Parse("io-affinity"), new FixedNumaTopology(2));
        rig.AddPath(node: 1);
        MpathDevice near = rig.AddPath(node: 0);
        rig.AddPath(node: 1);
        Assert.Equal([1, 1, 1], rig.Pick(3));

        near.SetDown();

        Assert.DoesNotContain(1, rig.Pick(3));
    }

    [Fact]
    public void Each_head_of_a_policy_has_a_selector_of_its_own()
    {
        var policy = new MpathIoPolicy(IoPolicies.Parse("weighted-round-robin"));
        using Rig one = new(2, template: new TestTemplate(policy));
        using Rig other = new(2, template: new TestTemplate(policy));

        Assert.Equal([0, 1, 0], one.Pick(3));
        Assert.Equal([0, 1, 0], other.Pick(3));
    }

    private static void Teach(Rig rig, params int[] milliseconds)
    {
        for (int path = 0; path < milliseconds.Length; path++)
        {
            for (int i = 0; i < 200; i++)
            {
                Measure(rig, path, milliseconds[path]);
            }
        }
    }

    // Through the head, down this path: the others are not usable meanwhile.
    private static void Measure(Rig rig, int path, int milliseconds)
    {
        foreach (MpathDevice other in rig.Paths.Where((_, number) => number != path))
        {
            other.SetDown();
        }

        rig[path].Hold = true;
        Io io = rig.Submit();
        rig.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        rig[path].Take().Complete(BlockStatus.Ok);
        rig[path].Hold = false;
        io.AssertEnded(BlockStatus.Ok);
        foreach (MpathDevice each in rig.Paths)
        {
            each.SetLive();
        }

        rig.Work.RunAll();
    }

    private static void End(Rig rig)
    {
        for (int path = 0; path < rig.Paths.Count; path++)
        {
            while (rig[path].Held.Count > 0)
            {
                rig[path].Take().Complete(BlockStatus.Ok);
            }
        }
    }
}
