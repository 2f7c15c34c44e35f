using System.Collections.Concurrent;
using System.IO.Pipelines;

namespace LibMultipath.Nbd.Connections;

/// <summary>Runs what it is given on a thread of its own, made when there is something to run for the first time.</summary>
internal sealed class ThreadScheduler(string name) : PipeScheduler, IDisposable
{
    private readonly BlockingCollection<(Action<object?> Action, object? State)> _work = [];
    private int _started;

    public override void Schedule(Action<object?> action, object? state)
    {
        try
        {
            _work.Add((action, state));
        }
        catch (InvalidOperationException)
        {
            // A connection that is being closed has something left to say.
            ThreadPool.Schedule(action, state);
            return;
        }

        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            new Thread(Run) { IsBackground = true, Name = name }.Start();
        }
    }

    /// <summary>The thread ends when it has run what there is. What comes after runs in the pool.</summary>
    public void Dispose() => _work.CompleteAdding();

    private void Run()
    {
        foreach ((Action<object?> action, object? state) in _work.GetConsumingEnumerable())
        {
            action(state);
        }
    }
}
