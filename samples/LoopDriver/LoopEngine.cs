namespace LoopDriver;

/// <summary>How a loop path carries I/O out.</summary>
public enum LoopEngine
{
    /// <summary>On rings where the kernel has them, else with threads.</summary>
    Auto,

    /// <summary>
    /// On rings (io_uring): a submission on a thread that drives a <see cref="LibMultipath.IoUring.Loops.RingLoop"/>
    /// goes onto that loop's ring, any other onto the ring of the path's own thread.
    /// </summary>
    Ring,

    /// <summary>With threads of the path, each inside one system call at a time.</summary>
    Threads,
}
