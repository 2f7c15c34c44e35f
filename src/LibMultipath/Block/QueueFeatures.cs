namespace LibMultipath.Block;

/// <summary>
/// What a disk can do, or needs, beyond its numeric limits (the kernel's <c>blk_features_t</c>).
/// The remark on each value says how a disk over several paths gets it.
/// </summary>
[Flags]
public enum QueueFeatures
{
    /// <summary>No feature.</summary>
    None = 0,

    /// <summary>
    /// The disk has a volatile write cache: a completed write is durable only after a flush
    /// (<c>BLK_FEAT_WRITE_CACHE</c>).
    /// </summary>
    /// <remarks>Held by a head when <em>any</em> path has it: a flush too many is safe, one too few is not.</remarks>
    WriteCache = 1 << 0,

    /// <summary>
    /// A write that is marked so bypasses the volatile cache (<c>BLK_FEAT_FUA</c>). It means nothing
    /// without <see cref="WriteCache"/>, and is refused without it.
    /// </summary>
    /// <remarks>Held by a head only when <em>every</em> path has it.</remarks>
    Fua = 1 << 1,

    /// <summary>The disk seeks (<c>BLK_FEAT_ROTATIONAL</c>).</summary>
    /// <remarks>Held by a head when <em>any</em> path has it.</remarks>
    Rotational = 1 << 2,

    /// <summary>
    /// A buffer must not change while it is being written, because something reads it more than once,
    /// such as a checksum (<c>BLK_FEAT_STABLE_WRITES</c>).
    /// </summary>
    /// <remarks>Held by a head when <em>any</em> path has it.</remarks>
    StableWrites = 1 << 3,

    /// <summary>A submission that may not wait is honoured (<c>BLK_FEAT_NOWAIT</c>).</summary>
    /// <remarks>Held by a head only when <em>every</em> path has it.</remarks>
    NoWait = 1 << 4,

    /// <summary>The disk moves data that the kernel has and nobody here can address (<see cref="RegisteredBuffer"/>).</summary>
    /// <remarks>Held by a head only when <em>every</em> path has it.</remarks>
    RegisteredBuffers = 1 << 5,

    /// <summary>
    /// The disk is written zone by zone, most zones at their write pointer only (<c>BLK_FEAT_ZONED</c>). A zone has
    /// <see cref="QueueLimits.ChunkSectors"/>.
    /// </summary>
    /// <remarks>Either every path of a head has it, with zones of one size, or none.</remarks>
    Zoned = 1 << 6,
}
