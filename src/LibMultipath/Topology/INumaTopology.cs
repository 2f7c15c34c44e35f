namespace LibMultipath.Topology;

/// <summary>
/// The NUMA nodes of a machine, how far apart they are, and which of them the caller runs on.
/// </summary>
/// <remarks>
/// Members are called from any thread, at once, on the path of every I/O: an implementation neither blocks, allocates
/// nor throws, whatever node it is asked about.
/// </remarks>
public interface INumaTopology
{
    /// <summary>
    /// The number of node ids that can ever be (<c>nr_node_ids</c>): the highest possible id plus one, at least 1.
    /// Never changes, so that a table of this many entries holds any node.
    /// </summary>
    int NodeCount { get; }

    /// <summary>
    /// The node of the processor that the caller runs on (<c>numa_node_id</c>): from 0 to
    /// <see cref="NodeCount"/> - 1. A hint, because the thread may have moved by the time it is used.
    /// </summary>
    int CurrentNode { get; }

    /// <summary>Whether a node has memory or processors now (<c>node_online</c>).</summary>
    /// <param name="node">A node id.</param>
    /// <returns>True when online; false for any other number.</returns>
    bool IsOnline(int node);

    /// <summary>How far a node is from another (<c>node_distance</c>).</summary>
    /// <param name="from">A node id, or <see cref="NumaNode.None"/>.</param>
    /// <param name="to">A node id, or <see cref="NumaNode.None"/>.</param>
    /// <returns>
    /// <see cref="NumaNode.LocalDistance"/> within a node and where either is <see cref="NumaNode.None"/>, more between
    /// nodes, <see cref="NumaNode.RemoteDistance"/> between nodes of which one is not known. Not always the same in
    /// both directions.
    /// </returns>
    int Distance(int from, int to);
}
