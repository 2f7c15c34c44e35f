using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Attributes;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;
using LibMultipath.Topology;

namespace LibMultipath.Tests.Attributes;

public sealed class PathAttributeTests
{
    [Theory]
    [InlineData(MpathAccessState.Optimized, "optimized\n")]
    [InlineData(MpathAccessState.NonOptimized, "non-optimized\n")]
    [InlineData(MpathAccessState.Other, "inaccessible\n")]
    public void The_access_state_has_nvmes_name(MpathAccessState state, string shown)
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);

        rig.Paths[1].AccessState = state;

        Assert.Equal(shown, attributes.Show("path/1/access_state"));
        Assert.Equal("optimized\n", attributes.Show("path/0/access_state"));
    }

    [Theory]
    [InlineData("path/0/access_state")]
    [InlineData("path/0/queue_depth")]
    [InlineData("path/0/numa_nodes")]
    public void What_can_only_be_read_is_not_written(string name)
    {
        using Rig rig = new(1);
        using MpathAttributes attributes = new(rig.Head);
        string before = attributes.Show(name);

        BlockException refusal = Assert.Throws<BlockException>(() => attributes.Store(name, "optimized"));

        Assert.Equal(Errno.EACCES, refusal.Errno);
        Assert.Equal($"{name.Split('/')[^1]} can be read, not written (EACCES)", refusal.Message);
        Assert.Equal(before, attributes.Show(name));
        Assert.False(((MpathAttribute)attributes.Find(name)).IsWritable);
    }

    [Fact]
    public void The_queue_depth_is_that_of_the_controller_and_empty_under_another_policy()
    {
        using Rig rig = new(0, IoPolicies.QueueDepth);
        var controller = new MpathController(7);
        rig.AddPath(controller: controller);
        rig.AddPath(controller: controller);
        using MpathAttributes attributes = new(rig.Head);
        Assert.Equal("0\n", attributes.Show("path/0/queue_depth"));
        rig[0].Hold = true;
        Io[] ios = [rig.Submit(), rig.Submit()];

        Assert.Equal("2\n", attributes.Show("path/0/queue_depth"));
        Assert.Equal("2\n", attributes.Show("path/1/queue_depth"));

        rig.Head.Policy.Set(IoPolicies.RoundRobin);
        Assert.Equal("", attributes.Show("path/0/queue_depth"));
        rig[0].Take().Complete(BlockStatus.Ok);
        rig[0].Take().Complete(BlockStatus.Ok);
        Assert.All(ios, io => io.AssertEnded(BlockStatus.Ok));
        rig.Head.Policy.Set(IoPolicies.QueueDepth);
        Assert.Equal("0\n", attributes.Show("path/0/queue_depth"));
    }

    [Fact]
    public void The_nodes_are_those_for_which_the_path_is_current_and_empty_under_another_policy()
    {
        using Rig rig = new(0, topology: new FixedNumaTopology(new[,] { { 10, 20, 30 }, { 20, 10, 30 }, { 15, 30, 10 } }));
        rig.AddPath(node: 0);
        rig.AddPath(node: 1);
        using MpathAttributes attributes = new(rig.Head);
        Assert.Equal(["0,2\n", "1\n"], [attributes.Show("path/0/numa_nodes"), attributes.Show("path/1/numa_nodes")]);

        rig.Paths[1].AccessState = MpathAccessState.Other;
        rig.Paths[0].AccessState = MpathAccessState.NonOptimized;
        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        Assert.Equal(["0-2\n", "\n"], [attributes.Show("path/0/numa_nodes"), attributes.Show("path/1/numa_nodes")]);

        rig.Head.Policy.Set(IoPolicies.RoundRobin);
        rig.Pick(3);
        Assert.Equal(["", ""], [attributes.Show("path/0/numa_nodes"), attributes.Show("path/1/numa_nodes")]);
    }

    [Fact]
    public void The_nodes_are_a_range_list_of_exactly_the_current_nodes() =>
        Prop.ForAll(Gen.Choose(-1, 2).ArrayOf(12).ToArbitrary(), current =>
        {
            using Rig rig = new(3, topology: new FixedNumaTopology(current.Length));
            using MpathAttributes attributes = new(rig.Head);
            for (int node = 0; node < current.Length; node++)
            {
                rig.Head.Current(node) = current[node] < 0 ? null : rig.Paths[current[node]];
            }

            for (int path = 0; path < 3; path++)
            {
                Assert.True(RangeList.TryParse(attributes.Show($"path/{path}/numa_nodes"), current.Length, out int[] nodes));
                Assert.Equal(Enumerable.Range(0, current.Length).Where(node => current[node] == path), nodes);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Failovers_retries_and_errors_are_counted_for_the_path_that_had_them()
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);
        rig[0].FailWith(BlockStatus.Transport);
        rig.Submit();
        rig.Work.RunAll();
        Assert.Equal(["1\n", "0\n", "0\n"], Counts(attributes, 0));

        rig[0].OnSubmit = attempt => attempt.Complete(BlockStatus.Medium);
        rig.Submit().AssertEnded(BlockStatus.Medium);
        Assert.Equal(["1\n", "0\n", "1\n"], Counts(attributes, 0));

        rig[0].OnSubmit = attempt => attempt.RetryHere(BlockStatus.Resource);
        Io io = rig.Submit();
        rig[0].OnSubmit = null;
        rig.Pass(TimeSpan.FromSeconds(1));
        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(["1\n", "1\n", "1\n"], Counts(attributes, 0));
        Assert.Equal(["0\n", "0\n", "0\n"], Counts(attributes, 1));
    }

    [Theory]
    [InlineData("multipath_failover_count")]
    [InlineData("command_retries_count")]
    [InlineData("command_error_count")]
    public void A_count_of_a_path_is_reset_alone_and_counts_on(string name)
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);
        string[] names = ["multipath_failover_count", "command_retries_count", "command_error_count"];
        foreach (string each in names)
        {
            attributes.Store($"path/0/diag/{each}", "3");
            attributes.Store($"path/1/diag/{each}", "4");
        }

        attributes.Store($"path/0/diag/{name}", "0");

        Assert.Equal(names.Select(each => each == name ? "0\n" : "3\n"), Counts(attributes, 0));
        Assert.Equal(["4\n", "4\n", "4\n"], Counts(attributes, 1));
        PathStatistics statistics = rig.Paths[0].Statistics;
        Assert.Equal([0L, 3L, 3L], new[] { statistics.Failovers, statistics.Retries, statistics.Errors }.Order());
        rig.Paths[0].CountFailover();
        rig.Paths[0].CountRetry();
        rig.Paths[0].CountError();
        Assert.Equal(names.Select(each => each == name ? "1\n" : "4\n"), Counts(attributes, 0));
    }

    [Fact]
    public void What_the_head_has_counted_survives_the_reset_and_the_removal_of_a_path()
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);
        foreach (MpathDevice path in rig.Paths)
        {
            path.CountFailover();
            path.CountRetry();
            path.CountError();
        }

        attributes.Store("path/0/diag/multipath_failover_count", "0");
        attributes.Store("path/0/diag/command_retries_count", "0");
        attributes.Store("path/0/diag/command_error_count", "0");
        rig.Head.Remove(rig.Paths[1]);

        Assert.Equal((2, 2, 2), (rig.Head.FailoverCount, rig.Head.RetryCount, rig.Head.ErrorCount));
    }

    private static string[] Counts(MpathAttributes attributes, int path) =>
    [
        attributes.Show($"path/{path}/diag/multipath_failover_count"),
        attributes.Show($"path/{path}/diag/command_retries_count"),
        attributes.Show($"path/{path}/diag/command_error_count"),
    ];
}
