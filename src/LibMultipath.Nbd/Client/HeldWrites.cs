using LibMultipath.Block;

namespace LibMultipath.Nbd.Client;

/// <summary>
/// Writes that were under way when a connection was lost. A server that hangs may still carry them out, after a newer write
/// of another path; so none goes to another path before the server is known to be gone, or a time has passed.
/// </summary>
/// <remarks>All members may be used on any thread. Writes are given back on the thread that finds out, or a timer's.</remarks>
internal sealed class HeldWrites : IDisposable
{
    // How often is looked whether the process is gone: it may end a moment after its connection.
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(25);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _abortTime;
    private readonly List<Lost> _lost = [];
    private readonly ITimer _timer;

    /// <summary>Makes the place.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="abortTime">After this, a write is given back whatever the server may do.</param>
    public HeldWrites(TimeProvider time, TimeSpan abortTime)
    {
        _time = time;
        _abortTime = abortTime;
        _timer = time.CreateTimer(static state => ((HeldWrites)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _lost.Sum(each => each.Writes.Count);
            }
        }
    }

    /// <summary>Keeps writes.</summary>
    /// <param name="writes">Not answered; at least one.</param>
    /// <param name="server">Who may carry them out, if that can be known.</param>
    public void Hold(List<BioAttempt> writes, PeerProcess? server)
    {
        lock (_lock)
        {
            _lost.Add(new Lost(writes, server, _time.GetTimestamp()));
            _timer.Change(TimeSpan.Zero, s_look);
        }
    }

    /// <summary>The server is gone: it refuses a connection, so its process has let go of everything.</summary>
    public void ServerIsGone() => GiveBack(_ => true);

    /// <summary>Looks no more. There is nothing held.</summary>
    public void Dispose() => _timer.Dispose();

    private void Look() => GiveBack(each => each.Server is { IsGone: true } || _time.GetElapsedTime(each.Since) >= _abortTime);

    private void GiveBack(Predicate<Lost> isOver)
    {
        List<Lost> over;
        lock (_lock)
        {
            over = _lost.FindAll(isOver);
            _ = _lost.RemoveAll(over.Contains);
            if (_lost.Count == 0)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        foreach (BioAttempt write in over.SelectMany(each => each.Writes))
        {
            write.FailPath(BlockStatus.Transport);
        }
    }

    private sealed record Lost(List<BioAttempt> Writes, PeerProcess? Server, long Since);
}
