using LibMultipath.Paths;

namespace LibMultipath.Reservations;

/// <summary>Holds the I/O of a head until it is disposed, or for as long as the limit allows.</summary>
internal sealed class HeldIo : IDisposable
{
    private readonly MpathHead _head;
    private readonly CancellationTokenSource _over = new();
    private readonly ITimer _timer;
    private int _ended;

    /// <summary>Holds what comes from now on.</summary>
    public HeldIo(MpathHead head, TimeSpan limit)
    {
        _head = head;
        Limit = limit;
        _timer = head.TimeProvider.CreateTimer(
            static state => ((HeldIo)state!).LimitReached(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        head.BeginHold();
        _timer.Change(limit, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Limit { get; }

    /// <summary>
    /// Waits until no path has I/O that it was given before; false if that took longer than the limit, and I/O goes on
    /// already.
    /// </summary>
    public bool WaitUntilIdle()
    {
        foreach (MpathDevice path in _head.PathList)
        {
            try
            {
                path.DrainAsync(_over.Token).GetAwaiter().GetResult();
            }
            catch (ObjectDisposedException)
            {
                // It was removed, and that waited as well.
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        return Volatile.Read(ref _ended) == 0;
    }

    /// <summary>Lets I/O go on. A second call does nothing.</summary>
    public void Dispose()
    {
        if (TryEnd())
        {
            _timer.Dispose();
        }
    }

    private void LimitReached()
    {
        if (TryEnd())
        {
            _head.Logger.HeldTooLong(_head.Name, Limit);
            _over.Cancel();
        }
    }

    private bool TryEnd()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return false;
        }

        _head.EndHold();
        return true;
    }
}
