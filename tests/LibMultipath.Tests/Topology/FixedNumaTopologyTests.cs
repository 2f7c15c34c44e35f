using LibMultipath.Topology;

namespace LibMultipath.Tests.Topology;

public sealed class FixedNumaTopologyTests
{
    [Fact]
    public void Nodes_are_online_and_equally_far_at_first()
    {
        FixedNumaTopology topology = new(3);

        Assert.Equal(3, topology.NodeCount);
        Assert.Equal(0, topology.CurrentNode);
        Assert.True(topology.IsOnline(2));
        Assert.False(topology.IsOnline(3));
        Assert.Equal(10, topology.Distance(2, 2));
        Assert.Equal(20, topology.Distance(0, 2));
        Assert.Equal(10, topology.Distance(0, NumaNode.None));
        Assert.Equal(20, topology.Distance(0, 9));
    }

    [Fact]
    public void Distances_go_from_row_to_column()
    {
        FixedNumaTopology topology = new(new[,] { { 10, 15 }, { 255, 10 } });

        Assert.Equal(15, topology.Distance(0, 1));
        Assert.Equal(255, topology.Distance(1, 0));
    }

    [Fact]
    public void The_current_node_and_the_online_nodes_can_be_set()
    {
        FixedNumaTopology topology = new(2) { CurrentNode = 1 };
        topology.SetOnline(0, false);

        Assert.Equal(1, topology.CurrentNode);
        Assert.False(topology.IsOnline(0));
        Assert.True(topology.IsOnline(1));
    }

    [Fact]
    public void What_is_no_topology_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FixedNumaTopology(0));
        Assert.Throws<ArgumentNullException>(() => new FixedNumaTopology(null!));
        Assert.Throws<ArgumentException>(() => new FixedNumaTopology(new int[0, 0]));
        Assert.Throws<ArgumentException>(() => new FixedNumaTopology(new int[1, 2]));
        Assert.Throws<ArgumentException>(() => new FixedNumaTopology(new[,] { { 20 } }));
        Assert.Throws<ArgumentException>(() => new FixedNumaTopology(new[,] { { 10, 9 }, { 20, 10 } }));
        Assert.Throws<ArgumentException>(() => new FixedNumaTopology(new[,] { { 10, 256 }, { 20, 10 } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FixedNumaTopology(2) { CurrentNode = 2 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FixedNumaTopology(2) { CurrentNode = NumaNode.None });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FixedNumaTopology(2).SetOnline(2, true));
    }
}
