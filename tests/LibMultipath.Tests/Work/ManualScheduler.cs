using LibMultipath.Work;

namespace LibMultipath.Tests.Work;

/// <summary>Runs what is scheduled when the test says so.</summary>
internal sealed class ManualScheduler : IWorkScheduler
{
    private readonly Queue<DeferredWork> _queue = new();

    public int Waiting => _queue.Count;

    public int Scheduled { get; private set; }

    public void Schedule(DeferredWork work)
    {
        Scheduled++;
        _queue.Enqueue(work);
    }

    public bool RunOne()
    {
        if (!_queue.TryDequeue(out DeferredWork? work))
        {
            return false;
        }

        work.Run();
        return true;
    }
}
