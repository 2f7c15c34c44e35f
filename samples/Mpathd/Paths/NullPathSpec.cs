namespace Mpathd.Paths;

/// <summary>A path to nothing: <c>null:size=1G[,latency=100us][,node=N]</c>.</summary>
/// <param name="Size">In bytes; a multiple of a sector.</param>
/// <param name="Latency">How long each I/O takes; zero to complete at once.</param>
/// <param name="Node">The NUMA node that the path counts as near to; -1 for none.</param>
internal sealed record NullPathSpec(long Size, TimeSpan Latency, int Node) : PathSpec(Node)
{
    /// <summary>The smallest size, in bytes.</summary>
    public const long MinSize = 4096;

    /// <summary>The largest size, in bytes.</summary>
    public const long MaxSize = 1L << 50;

    /// <summary>The longest latency: a run still ends, and an interrupt is still answered, in time.</summary>
    public static readonly TimeSpan MaxLatency = TimeSpan.FromSeconds(10);
}
