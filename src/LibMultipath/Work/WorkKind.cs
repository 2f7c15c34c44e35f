namespace LibMultipath.Work;

/// <summary>What a deferred work needs from its scheduler.</summary>
public enum WorkKind
{
    /// <summary>
    /// It has to go on even while every thread of the pool waits for the disk, because it is what they wait for
    /// (the kernel's <c>WQ_MEM_RECLAIM</c>). It is short and does not block.
    /// </summary>
    Reclaim,

    /// <summary>It has to go on as <see cref="Reclaim"/> does, and it may block: it needs a thread of its own.</summary>
    BlockingReclaim,

    /// <summary>Anything else. It may block.</summary>
    Normal,
}
