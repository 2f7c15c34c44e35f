namespace LibMultipath.Reclamation;

/// <summary>
/// One grace period that is wanted or in flight: the task that all who wait for it share, and the
/// callbacks that run after it.
/// </summary>
internal sealed class GracePeriod
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completed when the grace period is. Nobody's continuation runs on the thread that completes it.</summary>
    internal Task Task => _completion.Task;

    /// <summary>The callbacks in the order in which they were queued; changed under the lock of <see cref="SrcuGracePeriods"/>.</summary>
    internal List<SrcuCallback> Callbacks { get; } = [];

    internal void Complete() => _completion.SetResult();
}
