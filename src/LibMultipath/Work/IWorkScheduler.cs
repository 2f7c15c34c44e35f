namespace LibMultipath.Work;

/// <summary>
/// Where deferred work runs. The embedder may supply its own; <see cref="WorkScheduler.Default"/> is the library's.
/// </summary>
public interface IWorkScheduler
{
    /// <summary>
    /// Runs <see cref="DeferredWork.Run"/> once, soon, on another thread or later on this one, never inside this call.
    /// It must not lose a work, and must not throw.
    /// </summary>
    /// <param name="work">What to run. <see cref="DeferredWork.Kind"/> says what it may have to wait for.</param>
    void Schedule(DeferredWork work);
}
