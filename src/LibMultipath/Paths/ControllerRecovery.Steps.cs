using LibMultipath.Work;

namespace LibMultipath.Paths;

// What happens when. A step is made under the lock, by whoever is there, and blocks for nothing: it marks states, begins
// attempts and sets the timer. What blocks, and what calls the driver, is left to works, which have threads of their own.
public sealed partial class ControllerRecovery
{
    // A connection that breaks this soon after it was made is no better than an attempt that failed.
    private static readonly TimeSpan s_leastLife = TimeSpan.FromSeconds(1);

    private readonly ControllerScheduler _scheduler;
    private readonly DeferredWork _follow;
    private readonly DeferredWork _end;

    // When the last connection was made, and how many attempts had failed before.
    private (long Made, int Failures)? _backOff;

    private bool _hasMarked;
    private bool _mustLook;
    private bool _mustTellLost;
    private ConnectAttempt? _cancelled;

    private string Name => $"controller {_controller.Id}";

    private void OnTime()
    {
        lock (_lock)
        {
            Step();
        }
    }

    /// <summary>Does what is due, and sets the timer to what comes next. Under the lock.</summary>
    private void Step()
    {
        if (_outage is not { } outage)
        {
            return;
        }

        FailureTimes times = _controller.FailureTimesInForce;
        TimeSpan elapsed = _timeProvider.GetElapsedTime(outage.Start);
        TimeSpan? loss = FailureTimes.Left(times.Loss, elapsed);
        if (loss == TimeSpan.Zero)
        {
            GiveUp(outage, elapsed);
            return;
        }

        TimeSpan? fastFail = FailureTimes.Left(times.FastIoFail, elapsed);
        SetFastFail(fastFail == TimeSpan.Zero, elapsed);
        TimeSpan? attempt = outage.Attempt is null ? LeftOfDelay(outage, times) : null;
        if (attempt == TimeSpan.Zero)
        {
            Begin(outage);
            attempt = null;
        }

        _timer.Set(Sooner(Sooner(loss, fastFail == TimeSpan.Zero ? null : fastFail), attempt) ?? Timeout.InfiniteTimeSpan);
    }

    private static TimeSpan? Sooner(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;

    private TimeSpan LeftOfDelay(Outage outage, FailureTimes times) =>
        FailureTimes.Left(outage.Delay(times.ReconnectDelay!.Value), _timeProvider.GetElapsedTime(outage.LastFailure))!.Value;

    private int FailuresBefore(long now, bool wasUseless) =>
        _backOff is not { } last ? (wasUseless ? 1 : 0)
        : wasUseless || _timeProvider.GetElapsedTime(last.Made, now) < s_leastLife ? last.Failures + 1
        : 0;

    private void GiveUp(Outage outage, TimeSpan elapsed)
    {
        _outage = null;
        _isLost = true;
        _isEnded = true;
        _mustTellLost = true;
        _cancelled = outage.Attempt;
        _backOff = null;
        _timer.Set(Timeout.InfiniteTimeSpan);
        Mark(MpathControllerState.Dead);
        _follow.Queue();
        int attempts = _attempts;
        string? error = _lastError;
        _log.Write(() => _logger.ControllerLost(Name, elapsed.TotalSeconds, attempts, error));
    }

    private void Mark(MpathControllerState state)
    {
        if (_controller.TryMark(state))
        {
            _hasMarked = true;
            _follow.Queue();
        }
    }

    private void SetFastFail(bool expired, TimeSpan elapsed)
    {
        if (_controller.SetFastFailExpired(expired))
        {
            _mustLook = true;
            _follow.Queue();
            if (expired && _limit.TryTake(out int suppressed))
            {
                _log.Write(() => _logger.ControllerFastFail(Name, elapsed.TotalSeconds, suppressed));
            }
        }
    }

    private void WriteFault(Exception exception, string when) => _log.Write(() => _logger.RecoveryFaulted(exception, Name, when));

    /// <summary>What follows from the steps and blocks, but not for long.</summary>
    private void Follow()
    {
        bool hasMarked;
        bool mustLook;
        bool ends;
        lock (_lock)
        {
            (hasMarked, _hasMarked) = (_hasMarked, false);
            (mustLook, _mustLook) = (_mustLook, false);
            ends = _mustTellLost || _cancelled is not null;
        }

        try
        {
            if (hasMarked)
            {
                _controller.FollowState();
            }
            else if (mustLook)
            {
                _controller.LookAtWaitingIo();
            }
        }
        finally
        {
            if (ends)
            {
                // Not before the state is set, and apart from it: a driver may take its time.
                _end.Queue();
            }
        }
    }

    private void TellLost()
    {
        ConnectAttempt? cancelled;
        bool mustTell;
        lock (_lock)
        {
            (cancelled, _cancelled) = (_cancelled, null);
            (mustTell, _mustTellLost) = (_mustTellLost, false);
        }

        Cancel(cancelled);
        if (mustTell)
        {
            _lost();
        }
    }
}
