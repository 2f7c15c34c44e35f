using System.Globalization;

namespace LibMultipath.Topology;

/// <summary>
/// The topology of the machine, as sysfs tells it. It is read once, in the constructor: nodes, distances and processors
/// that come later are not seen. Where sysfs says nothing that can be understood, the machine has one node.
/// </summary>
public sealed class SystemNumaTopology : INumaTopology
{
    // The kernel's own bounds are 1024 nodes (NODES_SHIFT) and 8192 processors (NR_CPUS).
    private const int MaxNodes = 1024;
    private const int MaxProcessors = 65536;

    private readonly bool[] _online;
    private readonly byte[] _distances;

    // By processor; empty when they are all on one node, and then nobody needs to know which processor it is.
    private readonly short[] _nodeOfProcessor;
    private readonly int _home;

    /// <summary>Reads the topology below a sysfs root.</summary>
    /// <param name="sysfsRoot">Where sysfs is mounted; another directory to pretend to be another machine.</param>
    /// <exception cref="ArgumentNullException">The root is null. Whatever is wrong with what is there is no error.</exception>
    public SystemNumaTopology(string sysfsRoot = "/sys")
    {
        ArgumentNullException.ThrowIfNull(sysfsRoot);
        string nodes = Path.Combine(sysfsRoot, "devices", "system", "node");
        if (!TryReadNodes(nodes, out int count, out int[] online))
        {
            (count, online) = (1, [0]);
        }

        NodeCount = count;
        _online = new bool[count];
        _home = online[0];
        _distances = new byte[count * count];
        for (int i = 0; i < _distances.Length; i++)
        {
            _distances[i] = (byte)NumaNode.DefaultDistance(i / count, i % count);
        }

        foreach (int node in online)
        {
            _online[node] = true;
            ReadDistances(Path.Combine(nodes, $"node{node}", "distance"), node, online);
        }

        _nodeOfProcessor = ReadProcessors(nodes, online, ref _home);
    }

    /// <summary>The topology of this machine.</summary>
    public static SystemNumaTopology Current { get; } = new();

    /// <inheritdoc/>
    public int NodeCount { get; }

    /// <inheritdoc/>
    /// <remarks>
    /// The runtime keeps a thread's processor for some calls before it asks again, so a thread that has moved is found
    /// where it was for a little while. A processor that sysfs did not list counts as one of the first online node.
    /// </remarks>
    public int CurrentNode => _nodeOfProcessor.Length == 0 ? _home : NodeOf(Thread.GetCurrentProcessorId());

    /// <inheritdoc/>
    public bool IsOnline(int node) => (uint)node < (uint)_online.Length && _online[node];

    /// <inheritdoc/>
    public int Distance(int from, int to) =>
        (uint)from < (uint)NodeCount && (uint)to < (uint)NodeCount
            ? _distances[(from * NodeCount) + to]
            : NumaNode.DefaultDistance(from, to);

    /// <summary>The node of a processor.</summary>
    /// <param name="processor">A processor's number, known or not.</param>
    /// <returns>A node id.</returns>
    internal int NodeOf(int processor) =>
        (uint)processor < (uint)_nodeOfProcessor.Length ? _nodeOfProcessor[processor] : _home;

    private static bool TryReadNodes(string nodes, out int count, out int[] online)
    {
        count = 0;
        if (!RangeList.TryParse(Read(Path.Combine(nodes, "online")), MaxNodes, out online)
            || !RangeList.TryParse(Read(Path.Combine(nodes, "possible")), MaxNodes, out int[] possible)
            || possible.Length == 0)
        {
            return false;
        }

        count = possible[^1] + 1;
        online = [.. online.Intersect(possible)];
        return online.Length != 0;
    }

    // A row has a column for each online node, not for each possible one. A row that makes no sense is left as it is:
    // this node near, all others far.
    private void ReadDistances(string file, int node, int[] online)
    {
        string[] columns = Read(file).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        byte[] row = new byte[columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            if (!byte.TryParse(columns[i], NumberStyles.None, CultureInfo.InvariantCulture, out row[i])
                || row[i] < NumaNode.LocalDistance)
            {
                return;
            }
        }

        if (row.Length == online.Length)
        {
            for (int i = 0; i < row.Length; i++)
            {
                _distances[(node * NodeCount) + online[i]] = row[i];
            }
        }
    }

    private static short[] ReadProcessors(string nodes, int[] online, ref int home)
    {
        List<(int Node, int[] Processors)> lists = [];
        foreach (int node in online)
        {
            if (RangeList.TryParse(Read(Path.Combine(nodes, $"node{node}", "cpulist")), MaxProcessors, out int[] processors)
                && processors.Length != 0)
            {
                lists.Add((node, processors));
            }
        }

        if (lists.Count <= 1)
        {
            // A node of memory alone may come first; nobody runs there.
            home = lists.Count == 1 ? lists[0].Node : home;
            return [];
        }

        short[] nodeOfProcessor = new short[lists.Max(list => list.Processors[^1]) + 1];
        Array.Fill(nodeOfProcessor, (short)home);
        foreach ((int node, int[] processors) in lists)
        {
            foreach (int processor in processors)
            {
                nodeOfProcessor[processor] = (short)node;
            }
        }

        return nodeOfProcessor;
    }

    // What cannot be read counts as text that is no list and no row, which callers have an answer for.
    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return "unreadable";
        }
    }
}
