using LibMultipath.Work;

namespace LibMultipath.Paths;

// The calls of the driver that are to connect. Each has a work of its own: one that hangs, though it was cancelled, must
// not keep the next ones from being made.
public sealed partial class ControllerRecovery
{
    private void Begin(Outage outage)
    {
        var attempt = new ConnectAttempt();
        outage.Attempt = attempt;
        outage.IsHurried = false;
        _attempts++;
        new DeferredWork(_scheduler, WorkKind.BlockingReclaim, () => Run(attempt)).Queue();
    }

    private void Run(ConnectAttempt attempt)
    {
        lock (_lock)
        {
            // Stopped, or given up, before its thread had begun.
            if (!ReferenceEquals(_outage?.Attempt, attempt))
            {
                return;
            }
        }

        string? error = Connect(attempt.Token);
        lock (_lock)
        {
            if (_outage is not { } outage || !ReferenceEquals(outage.Attempt, attempt))
            {
                return;
            }

            error ??= attempt.LostMeanwhile;
            outage.Attempt = null;
            if (error is null)
            {
                End(outage);
            }
            else
            {
                Fail(outage, error);
            }
        }
    }

    // On a thread that may block until the driver is done, whatever it awaits.
    private string? Connect(CancellationToken token)
    {
        try
        {
            _connect(token).GetAwaiter().GetResult();
            return null;
        }
        catch (Exception exception)
        {
            return exception.Message;
        }
    }

    private void End(Outage outage)
    {
        _outage = null;
        _backOff = (_timeProvider.GetTimestamp(), outage.Failures);
        _lastError = null;
        _timer.Set(Timeout.InfiniteTimeSpan);
        _controller.Initialize();
        Mark(MpathControllerState.Live);
        if (_limit.TryTake(out int suppressed))
        {
            int attempts = _attempts;
            _log.Write(() => _logger.Connected(Name, attempts, suppressed));
        }

        _attempts = 0;
    }

    private void Fail(Outage outage, string error)
    {
        outage.Failures++;
        outage.LastFailure = _timeProvider.GetTimestamp();
        _lastError = error;
        int attempt = _attempts;
        Step();
        if (_outage is not null && _limit.TryTake(out int suppressed))
        {
            double delay = outage.Delay(_controller.FailureTimesInForce.ReconnectDelay!.Value).TotalSeconds;
            _log.Write(() => _logger.ConnectFailed(Name, attempt, error, delay, suppressed));
        }
    }

    private void Cancel(ConnectAttempt? attempt)
    {
        try
        {
            attempt?.Cancel();
        }
        catch (Exception exception)
        {
            WriteFault(exception, "when an attempt to connect was cancelled");
        }
    }
}
