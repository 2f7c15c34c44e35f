using LibMultipath.Block;
using LibMultipath.Work;

namespace LibMultipath.Paths;

/// <summary>
/// Ends the waiting of a head's I/O when none of its paths has been usable for the head's
/// <see cref="FailureTimes.FastIoFail"/>: for any driver, whatever its paths may promise, with or without paths.
/// </summary>
/// <remarks>
/// <see cref="Look"/> is called after every change of a path, under whatever lock, on the thread that changed it: the lock
/// here is below all others. The last change is followed by a look that sees it, so what was found then is what there is.
/// </remarks>
internal sealed class FastFail
{
    private readonly MpathHead _head;
    private readonly Lock _lock = new();
    private readonly DeferredWork _work;
    private readonly DeferredLog _log;
    private readonly LogRateLimit _limit = new();
    private ReclaimTimer? _timer;
    private long? _unusableSince;
    private bool _expired;
    private bool _over;

    public FastFail(MpathHead head)
    {
        _head = head;
        _work = new DeferredWork(head.Scheduler, WorkKind.BlockingReclaim, head.LookAtWaitingIo);
        _log = new DeferredLog(head.Scheduler);
    }

    /// <summary>Whether I/O fails now instead of waiting. Only asked when no path is usable.</summary>
    public bool IsExpired => Volatile.Read(ref _expired);

    /// <summary>Looks at the paths and at the time, and does what follows; blocks for nothing.</summary>
    public void Look()
    {
        lock (_lock)
        {
            if (_over)
            {
                return;
            }

            if (Array.Exists(_head.PathList, path => path.WorksOrIsKeptBack))
            {
                _unusableSince = null;
                _timer?.Set(Timeout.InfiniteTimeSpan);
                SetExpired(false);
                return;
            }

            // It counts although nothing is set: what is set later counts from here.
            long since = _unusableSince ??= _head.TimeProvider.GetTimestamp();
            TimeSpan? left = FailureTimes.Left(_head.FailureTimes.FastIoFail, _head.TimeProvider.GetElapsedTime(since));
            SetExpired(left == TimeSpan.Zero);
            if (left > TimeSpan.Zero)
            {
                _timer ??= new ReclaimTimer(_head.TimeProvider, Look);
                _timer.Set(left.Value);
            }
            else
            {
                _timer?.Set(Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>The head is being freed: nothing runs after.</summary>
    public void Free()
    {
        lock (_lock)
        {
            _over = true;
            _timer?.Dispose();
        }

        _work.Flush();
    }

    private void SetExpired(bool expired)
    {
        if (_expired == expired)
        {
            return;
        }

        Volatile.Write(ref _expired, expired);
        if (expired)
        {
            // What waits is tried again, and fails. Afterwards nothing waits that was not seen to by who changed the path.
            _work.Queue();
        }

        if (_limit.TryTake(out int suppressed))
        {
            double seconds = _head.FailureTimes.FastIoFail.GetValueOrDefault().TotalSeconds;
            _log.Write(expired
                ? () => _head.Logger.FastFailBegun(_head.Name, seconds, suppressed)
                : () => _head.Logger.FastFailEnded(_head.Name, suppressed));
        }
    }
}
