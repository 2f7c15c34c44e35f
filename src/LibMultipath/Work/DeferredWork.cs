namespace LibMultipath.Work;

/// <summary>
/// Something to do later, at most once at a time however often it is asked for (the kernel's <c>work_struct</c>).
/// Asked for while it waits, it runs once; asked for while it runs, it runs once more.
/// </summary>
/// <remarks>All members may be used on any thread.</remarks>
public sealed class DeferredWork
{
    private readonly object _gate = new();
    private readonly IWorkScheduler _scheduler;
    private readonly Action _action;
    private readonly Action<Exception>? _onFault;
    private bool _queued;
    private int _runner;
    private long _asked;
    private long _done;

    /// <summary>Makes a work that nobody has asked for yet.</summary>
    /// <param name="scheduler">Where it runs.</param>
    /// <param name="kind">What it needs.</param>
    /// <param name="action">What it does.</param>
    /// <param name="onFault">Called with what the action throws; null to ignore that. It must not throw.</param>
    public DeferredWork(IWorkScheduler scheduler, WorkKind kind, Action action, Action<Exception>? onFault = null)
    {
        _scheduler = scheduler;
        Kind = kind;
        _action = action;
        _onFault = onFault;
    }

    /// <summary>What the work needs from its scheduler.</summary>
    public WorkKind Kind { get; }

    /// <summary>Asks for the work (<c>queue_work</c>).</summary>
    /// <returns>False if it was asked for already and has not begun.</returns>
    public bool Queue()
    {
        lock (_gate)
        {
            if (_queued)
            {
                return false;
            }

            _queued = true;
            _asked++;
            if (_runner != 0)
            {
                // It never runs beside itself: who runs it now will see that it is asked for again.
                return true;
            }
        }

        _scheduler.Schedule(this);
        return true;
    }

    /// <summary>
    /// Returns once everything that was asked for before has been done (<c>flush_work</c>): what nobody has begun is
    /// done on the calling thread, so a flush waits for no scheduler; what somebody does is waited for. From inside
    /// the work itself it returns at once.
    /// </summary>
    public void Flush()
    {
        long asked = Volatile.Read(ref _asked);
        while (!IsDoneUpTo(asked))
        {
            Run();
        }
    }

    /// <summary>Runs the work, if it is asked for: for schedulers.</summary>
    public void Run()
    {
        long asked;
        lock (_gate)
        {
            if (!_queued || _runner != 0)
            {
                return;
            }

            _queued = false;
            _runner = Environment.CurrentManagedThreadId;
            asked = _asked;
        }

        try
        {
            _action();
        }
        catch (Exception exception)
        {
            _onFault?.Invoke(exception);
        }
        finally
        {
            EndRun(asked);
        }
    }

    private void EndRun(long asked)
    {
        bool again;
        lock (_gate)
        {
            _runner = 0;
            _done = asked;
            again = _queued;
            Monitor.PulseAll(_gate);
        }

        if (again)
        {
            _scheduler.Schedule(this);
        }
    }

    private bool IsDoneUpTo(long asked)
    {
        lock (_gate)
        {
            while (_done < asked && _runner != 0)
            {
                if (_runner == Environment.CurrentManagedThreadId)
                {
                    return true;
                }

                Monitor.Wait(_gate);
            }

            return _done >= asked;
        }
    }
}
