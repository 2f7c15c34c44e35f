using LibMultipath.Topology;

namespace LibMultipath.Tests.Topology;

public sealed class SystemNumaTopologyTests : IDisposable
{
    private readonly SyntheticSysfs _sysfs = new();

    public void Dispose() => _sysfs.Dispose();

    [Fact]
    public void Two_nodes_are_read_with_their_distances_and_processors()
    {
        _sysfs.With("possible", "0-1\n").With("online", "0-1\n")
            .WithNode(0, "10 21\n", "0-1,4\n").WithNode(1, "31 10\n", "2-3\n");

        SystemNumaTopology topology = new(_sysfs.Root);

        Assert.Equal(2, topology.NodeCount);
        Assert.Equal([10, 21, 31, 10], Distances(topology));
        Assert.Equal([0, 0, 1, 1, 0], Enumerable.Range(0, 5).Select(topology.NodeOf));
        Assert.True(topology.IsOnline(0) && topology.IsOnline(1));
    }

    [Fact]
    public void Distance_columns_belong_to_the_online_nodes_only()
    {
        _sysfs.With("possible", "0-3\n").With("online", "1,3\n")
            .WithNode(1, "10 40\n", "0\n").WithNode(3, "40 10\n", "1\n");

        SystemNumaTopology topology = new(_sysfs.Root);

        Assert.Equal(4, topology.NodeCount);
        Assert.Equal(40, topology.Distance(1, 3));
        Assert.Equal(40, topology.Distance(3, 1));
        Assert.Equal(10, topology.Distance(1, 1));
        Assert.Equal(20, topology.Distance(0, 1));
        Assert.Equal(10, topology.Distance(0, 0));
        Assert.Equal([false, true, false, true], Enumerable.Range(0, 4).Select(topology.IsOnline));
    }

    [Fact]
    public void Possible_nodes_with_gaps_are_counted_to_the_highest()
    {
        _sysfs.With("possible", "0,8\n").With("online", "0,8\n").WithNode(0, "10 80\n", "0-3\n").WithNode(8, "80 10\n", "4-7\n");

        SystemNumaTopology topology = new(_sysfs.Root);

        Assert.Equal(9, topology.NodeCount);
        Assert.Equal(80, topology.Distance(0, 8));
        Assert.False(topology.IsOnline(4));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("0-1", null)]
    [InlineData(null, "0-1")]
    [InlineData("", "")]
    [InlineData("0-1", "")]
    [InlineData("0-1", "2-3")]
    [InlineData("garbage", "0-1")]
    [InlineData("0-1", "garbage")]
    [InlineData("0-4294967295", "0")]
    [InlineData("0-99999", "0")]
    [InlineData("-1", "-1")]
    public void Without_nodes_that_make_sense_there_is_one(string? possible, string? online)
    {
        _ = possible is null ? _sysfs : _sysfs.With("possible", possible);
        _ = online is null ? _sysfs : _sysfs.With("online", online);

        AssertOneNode(new SystemNumaTopology(_sysfs.Root));
    }

    [Fact]
    public void Without_a_directory_there_is_one_node()
    {
        AssertOneNode(new SystemNumaTopology(Path.Combine(_sysfs.Root, "missing")));
        AssertOneNode(new SystemNumaTopology("\0"));
        AssertOneNode(new SystemNumaTopology(""));
    }

    [Fact]
    public void A_directory_in_the_place_of_a_file_leaves_one_node()
    {
        _sysfs.With("possible/file", "0-1").With("online", "0-1");

        AssertOneNode(new SystemNumaTopology(_sysfs.Root));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("10 20 30")]
    [InlineData("10 x")]
    [InlineData("10 -20")]
    [InlineData("10 9")]
    [InlineData("10 256")]
    public void A_row_of_distances_that_makes_no_sense_is_near_and_far(string row)
    {
        _sysfs.With("possible", "0-1").With("online", "0-1").WithNode(0, row, "0").WithNode(1, "25 10", "1");

        Assert.Equal([10, 20, 25, 10], Distances(new SystemNumaTopology(_sysfs.Root)));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("0-99999999")]
    [InlineData("")]
    public void Processors_that_are_not_listed_belong_to_a_node_that_has_some(string cpulist)
    {
        _sysfs.With("possible", "0-1").With("online", "0-1").WithNode(0, "10 20", cpulist).WithNode(1, "20 10", "0-1");

        SystemNumaTopology topology = new(_sysfs.Root);

        Assert.Equal(1, topology.CurrentNode);
        Assert.Equal(1, topology.NodeOf(123456));
    }

    [Fact]
    public void A_processor_beyond_the_table_belongs_to_the_first_online_node()
    {
        _sysfs.With("possible", "0-2").With("online", "1-2").WithNode(1, "10 20", "1").WithNode(2, "20 10", "2");

        SystemNumaTopology topology = new(_sysfs.Root);

        Assert.Equal([1, 1, 2, 1, 1, 1], new[] { 0, 1, 2, 3, int.MaxValue, -1 }.Select(topology.NodeOf));
    }

    [Fact]
    public void The_current_node_follows_the_processor()
    {
        // Odd and even processors on different nodes: whichever runs this test, the answer has to be its own.
        string even = RangeList.Format(Enumerable.Range(0, 512).Where(cpu => cpu % 2 == 0));
        string odd = RangeList.Format(Enumerable.Range(0, 512).Where(cpu => cpu % 2 == 1));
        _sysfs.With("possible", "0-1").With("online", "0-1").WithNode(0, "10 20", even).WithNode(1, "20 10", odd);
        SystemNumaTopology topology = new(_sysfs.Root);

        Kit.Eventually.True(() => Thread.GetCurrentProcessorId() % 2 == topology.CurrentNode, "the thread to stay on a processor");
    }

    [Fact]
    public void Asking_costs_no_allocation()
    {
        _sysfs.With("possible", "0-1").With("online", "0-1").WithNode(0, "10 20", "0").WithNode(1, "20 10", "1");
        SystemNumaTopology topology = new(_sysfs.Root);
        int sum = topology.CurrentNode + topology.Distance(0, 1);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            sum += topology.CurrentNode + topology.Distance(0, 1) + (topology.IsOnline(1) ? 1 : 0);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(sum > 0);
    }

    [Fact]
    public void Nodes_that_are_not_known_have_the_kernels_distances()
    {
        _sysfs.With("possible", "0-1").With("online", "0-1").WithNode(0, "10 30", "0").WithNode(1, "30 10", "1");
        SystemNumaTopology topology = new(_sysfs.Root);

        Assert.Equal(10, topology.Distance(NumaNode.None, 1));
        Assert.Equal(10, topology.Distance(1, NumaNode.None));
        Assert.Equal(20, topology.Distance(0, 2));
        Assert.Equal(10, topology.Distance(7, 7));
        Assert.False(topology.IsOnline(NumaNode.None));
        Assert.False(topology.IsOnline(int.MinValue));
        Assert.False(topology.IsOnline(2));
    }

    [Fact]
    public void This_machine_has_a_topology()
    {
        SystemNumaTopology topology = SystemNumaTopology.Current;

        Assert.InRange(topology.NodeCount, 1, 1024);
        Assert.InRange(topology.CurrentNode, 0, topology.NodeCount - 1);
        Assert.True(topology.IsOnline(topology.CurrentNode));
        Assert.Equal(10, topology.Distance(topology.CurrentNode, topology.CurrentNode));
    }

    private static void AssertOneNode(SystemNumaTopology topology)
    {
        Assert.Equal(1, topology.NodeCount);
        Assert.Equal(0, topology.CurrentNode);
        Assert.True(topology.IsOnline(0));
        Assert.False(topology.IsOnline(1));
        Assert.Equal(10, topology.Distance(0, 0));
    }

    private static IEnumerable<int> Distances(SystemNumaTopology topology) =>
        from one in Enumerable.Range(0, topology.NodeCount)
        from other in Enumerable.Range(0, topology.NodeCount)
        select topology.Distance(one, other);
}
