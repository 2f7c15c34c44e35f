using System.Collections.Concurrent;

namespace LibMultipath.Work;

/// <summary>
/// The library's own scheduler: <see cref="WorkKind.Reclaim"/> runs on two threads of its own,
/// <see cref="WorkKind.BlockingReclaim"/> on a new one, the rest on the thread pool.
/// </summary>
public sealed class WorkScheduler : IWorkScheduler
{
    // One would do but for a driver that blocks in SubmitBio, against the rules: it should not stop other disks.
    private const int Threads = 2;

    private static readonly Lazy<WorkScheduler> s_default = new(() => new WorkScheduler());
    private static readonly WaitCallback s_run = static work => ((DeferredWork)work!).Run();

    private static readonly ParameterizedThreadStart s_runHere = static work => ((DeferredWork)work!).Run();

    private readonly BlockingCollection<DeferredWork> _reclaim = [];

    private WorkScheduler()
    {
        for (int i = 0; i < Threads; i++)
        {
            var thread = new Thread(Serve) { IsBackground = true, Name = $"mpath-requeue/{i}" };
            thread.UnsafeStart();
        }
    }

    /// <summary>The one of this process; its threads start when it is first used.</summary>
    public static IWorkScheduler Default => s_default.Value;

    /// <inheritdoc/>
    public void Schedule(DeferredWork work)
    {
        switch (work.Kind)
        {
            case WorkKind.Reclaim:
                _reclaim.Add(work);
                break;
            case WorkKind.BlockingReclaim:
                RunOnThreadOfItsOwn(work);
                break;
            default:
                ThreadPool.UnsafeQueueUserWorkItem(s_run, work);
                break;
        }
    }

    private void RunOnThreadOfItsOwn(DeferredWork work)
    {
        try
        {
            new Thread(s_runHere) { IsBackground = true, Name = "mpath-work" }.UnsafeStart(work);
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            // No thread for now: late is better than never.
            _reclaim.Add(work);
        }
    }

    private void Serve()
    {
        foreach (DeferredWork work in _reclaim.GetConsumingEnumerable())
        {
            work.Run();
        }
    }
}
