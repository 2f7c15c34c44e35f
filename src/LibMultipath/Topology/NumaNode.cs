namespace LibMultipath.Topology;

/// <summary>The constants of node ids and of the distances between nodes.</summary>
public static class NumaNode
{
    /// <summary>No node in particular (<c>NUMA_NO_NODE</c>): as far from one node as from any other.</summary>
    public const int None = -1;

    /// <summary>The distance of a node from itself (<c>LOCAL_DISTANCE</c>), and the least that there is.</summary>
    public const int LocalDistance = 10;

    /// <summary>The distance of two nodes about which nothing is known (<c>REMOTE_DISTANCE</c>).</summary>
    public const int RemoteDistance = 20;

    /// <summary>The greatest distance that a table can hold; a byte, as in ACPI's SLIT.</summary>
    public const int MaxDistance = 255;

    // What is said of nodes that are not in a table, by each topology alike.
    internal static int DefaultDistance(int from, int to) =>
        from == to || from == None || to == None ? LocalDistance : RemoteDistance;
}
