using LibMultipath.Work;

namespace LibMultipath.Tests.Paths;

/// <summary>Keeps works until it is told to run them, on the thread that tells it: a test decides when "later" is.</summary>
internal sealed class ManualScheduler : IWorkScheduler
{
    private readonly Lock _lock = new();
    private readonly Queue<DeferredWork> _works = new();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _works.Count;
            }
        }
    }

    public void Schedule(DeferredWork work)
    {
        lock (_lock)
        {
            _works.Enqueue(work);
        }
    }

    /// <summary>Runs the oldest work; false if there is none.</summary>
    public bool RunOne()
    {
        DeferredWork? work;
        lock (_lock)
        {
            if (!_works.TryDequeue(out work))
            {
                return false;
            }
        }

        work.Run();
        return true;
    }

    /// <summary>Runs until there is nothing left, and says how many works that were. Fails when it does not end.</summary>
    public int RunAll()
    {
        int count = 0;
        while (RunOne())
        {
            Assert.True(++count < 10_000, "The deferred work spins.");
        }

        return count;
    }
}
