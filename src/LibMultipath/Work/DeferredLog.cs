namespace LibMultipath.Work;

/// <summary>
/// Writes log messages later, in order, on a thread of the pool: for whoever must go on although a logger blocks, perhaps
/// because it writes to the very disk that waits. Writers limit how often they write. What a logger throws is ignored.
/// </summary>
/// <remarks>All members may be used on any thread.</remarks>
public sealed class DeferredLog
{
    private readonly Queue<Action> _messages = [];
    private readonly DeferredWork _work;

    /// <summary>Makes a log to which nothing was written.</summary>
    /// <param name="scheduler">Where messages are written.</param>
    public DeferredLog(IWorkScheduler scheduler) => _work = new DeferredWork(scheduler, WorkKind.Normal, WriteAll);

    /// <summary>Takes a message; blocks for nothing.</summary>
    /// <param name="message">Writes it.</param>
    public void Write(Action message)
    {
        lock (_messages)
        {
            _messages.Enqueue(message);
        }

        _work.Queue();
    }

    private void WriteAll()
    {
        while (TryTake() is { } message)
        {
            try
            {
                message();
            }
            catch (Exception)
            {
                // A logger that throws: there is nobody to tell, and the next message may be written.
            }
        }
    }

    private Action? TryTake()
    {
        lock (_messages)
        {
            return _messages.TryDequeue(out Action? message) ? message : null;
        }
    }
}
