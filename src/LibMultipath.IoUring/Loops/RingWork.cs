namespace LibMultipath.IoUring.Loops;

/// <summary>
/// Something to do on a loop's thread, put there from any other (<see cref="RingLoop.Post"/>). An object may be posted
/// again once it runs.
/// </summary>
public abstract class RingWork
{
    // The inbox is a list of these, so that posting allocates nothing.
    internal RingWork? Next;

    // 1 from the post to the run: an object cannot be on the list twice.
    internal int Posted;

    /// <summary>Does it, on the loop's thread. An exception leaves the loop's <see cref="RingLoop.Poll"/>.</summary>
    protected internal abstract void Run();
}
