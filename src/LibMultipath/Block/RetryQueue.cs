namespace LibMultipath.Block;

/// <summary>
/// Bios that a path asked to have again after a delay. One timer, set to the earliest; the bios are looked through
/// when it fires, which is linear in how many wait: they are few, and waiting is what they are there for.
/// </summary>
internal sealed class RetryQueue
{
    // What blk-mq waits when a driver is short of a resource (BLK_MQ_RESOURCE_DELAY).
    private static readonly TimeSpan s_defaultDelay = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromMinutes(10);

    private readonly BioWaitList _waiting = new();
    private readonly TimeProvider _timeProvider;
    private readonly Lock _timerLock = new();
    private ITimer? _timer;
    private long _setFor = long.MaxValue;

    public RetryQueue(TimeProvider timeProvider) => _timeProvider = timeProvider;

    public void Add(Bio bio, TimeSpan delay)
    {
        TimeSpan wait = delay <= TimeSpan.Zero ? s_defaultDelay : delay > s_longestDelay ? s_longestDelay : delay;
        long due = _timeProvider.GetTimestamp() + (long)(wait.TotalSeconds * _timeProvider.TimestampFrequency);
        bio.DueTime = due;
        if (_waiting.Add(bio))
        {
            SetTimer(due);
        }
        else
        {
            bio.Owner!.EndCancelled(bio);
        }
    }

    public void Flush()
    {
        lock (_timerLock)
        {
            _setFor = long.MaxValue;
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        GiveBack(_waiting.TakeAll());
    }

    private void SetTimer(long due)
    {
        lock (_timerLock)
        {
            if (due >= _setFor)
            {
                return;
            }

            _setFor = due;
            double seconds = Math.Max(0, due - _timeProvider.GetTimestamp()) / (double)_timeProvider.TimestampFrequency;

            // Rounded up, or the timer fires just before the first bio is due.
            TimeSpan wait = TimeSpan.FromMilliseconds(Math.Ceiling(seconds * 1000));
            _timer ??= CreateTimer();
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    // Without the context of the submitter that happens to be the first: the timer outlives it.
    private ITimer CreateTimer()
    {
        bool flows = !ExecutionContext.IsFlowSuppressed();
        if (flows)
        {
            ExecutionContext.SuppressFlow();
        }

        try
        {
            return _timeProvider.CreateTimer(static queue => ((RetryQueue)queue!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        finally
        {
            if (flows)
            {
                ExecutionContext.RestoreFlow();
            }
        }
    }

    private void OnTimer()
    {
        lock (_timerLock)
        {
            _setFor = long.MaxValue;
        }

        Bio? due = _waiting.TakeDue(_timeProvider.GetTimestamp(), out long next);
        if (next != long.MaxValue)
        {
            SetTimer(next);
        }

        GiveBack(due);
    }

    private static void GiveBack(Bio? first)
    {
        for (Bio? bio = first; bio is not null;)
        {
            Bio? next = bio.Next;
            bio.Next = null;
            bio.Owner!.Resume(bio);
            bio = next;
        }
    }
}
