namespace LibMultipath.Topology;

/// <summary>
/// A topology that is what it is told to be: for tests, and for a process that knows better than sysfs. All nodes are
/// online and the current node is 0 until told otherwise, by any thread at any time, and for all threads.
/// </summary>
public sealed class FixedNumaTopology : INumaTopology
{
    private readonly int[] _distances;
    private readonly bool[] _online;
    private int _currentNode;

    /// <summary>Nodes that are all equally far from each other, <see cref="NumaNode.RemoteDistance"/>.</summary>
    /// <param name="nodeCount">The number of node ids, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public FixedNumaTopology(int nodeCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nodeCount, 1);
        NodeCount = nodeCount;
        _online = new bool[nodeCount];
        Array.Fill(_online, true);
        _distances = new int[nodeCount * nodeCount];
        for (int i = 0; i < _distances.Length; i++)
        {
            _distances[i] = NumaNode.DefaultDistance(i / nodeCount, i % nodeCount);
        }
    }

    /// <summary>Nodes with the distances given.</summary>
    /// <param name="distances">
    /// A square: row <c>from</c>, column <c>to</c>. <see cref="NumaNode.LocalDistance"/> on the diagonal, from that to
    /// <see cref="NumaNode.MaxDistance"/> elsewhere.
    /// </param>
    /// <exception cref="ArgumentNullException">The distances are null.</exception>
    /// <exception cref="ArgumentException">They are not such a square.</exception>
    public FixedNumaTopology(int[,] distances)
        : this(CheckedSize(distances))
    {
        for (int from = 0; from < NodeCount; from++)
        {
            for (int to = 0; to < NodeCount; to++)
            {
                int distance = distances[from, to];
                if (distance is < NumaNode.LocalDistance or > NumaNode.MaxDistance
                    || (from == to && distance != NumaNode.LocalDistance))
                {
                    throw new ArgumentException(
                        $"The distance from node {from} to node {to} is {distance}; it must be {NumaNode.LocalDistance} within a node, "
                        + $"and {NumaNode.LocalDistance} to {NumaNode.MaxDistance} between nodes.", nameof(distances));
                }

                _distances[(from * NodeCount) + to] = distance;
            }
        }
    }

    /// <inheritdoc/>
    public int NodeCount { get; }

    /// <summary>The node that every thread runs on, until it is set again; 0 at first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">On setting: not a node id of this topology.</exception>
    public int CurrentNode
    {
        get => Volatile.Read(ref _currentNode);
        set
        {
            CheckNode(value);
            Volatile.Write(ref _currentNode, value);
        }
    }

    /// <inheritdoc/>
    public bool IsOnline(int node) => (uint)node < (uint)NodeCount && Volatile.Read(ref _online[node]);

    /// <summary>Puts a node online or offline. Nobody is told.</summary>
    /// <param name="node">A node id, below <see cref="NodeCount"/>.</param>
    /// <param name="online">Whether it is to be online.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a node id of this topology.</exception>
    public void SetOnline(int node, bool online)
    {
        CheckNode(node);
        Volatile.Write(ref _online[node], online);
    }

    /// <inheritdoc/>
    public int Distance(int from, int to) =>
        (uint)from < (uint)NodeCount && (uint)to < (uint)NodeCount
            ? _distances[(from * NodeCount) + to]
            : NumaNode.DefaultDistance(from, to);

    private static int CheckedSize(int[,] distances)
    {
        ArgumentNullException.ThrowIfNull(distances);
        int size = distances.GetLength(0);
        return size > 0 && size == distances.GetLength(1)
            ? size
            : throw new ArgumentException($"The distances are {size} by {distances.GetLength(1)}; they must be a square.", nameof(distances));
    }

    private void CheckNode(int node)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(node);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(node, NodeCount);
    }
}
