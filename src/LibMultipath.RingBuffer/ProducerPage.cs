using System.Runtime.InteropServices;

namespace LibMultipath.RingBuffer;

/// <summary>
/// The page that the producer writes, before the data. The consumer believes nothing that stands here, or in the data,
/// without checking it.
/// </summary>
[StructLayout(LayoutKind.Explicit)]
internal struct ProducerPage
{
    /// <summary>How many bytes were produced, ever.</summary>
    [FieldOffset(0)]
    public ulong Position;

    /// <summary>How many sleep until there is room. Only while it is not 0 does a drain wake anybody.</summary>
    [FieldOffset(128)]
    public int Sleepers;

    /// <summary>Counts how often a consumer was woken; it sleeps on this.</summary>
    [FieldOffset(256)]
    public uint Wakes;

    /// <summary>That of <see cref="ConsumerPage.Id"/>.</summary>
    [FieldOffset(384)]
    public ulong Id;
}
