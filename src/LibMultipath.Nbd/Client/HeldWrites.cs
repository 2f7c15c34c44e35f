using System.Net;
using LibMultipath.Block;
using LibMultipath.Work;

namespace LibMultipath.Nbd.Client;

/// <summary>
/// Writes that were under way when a connection was lost. A server that hangs may still carry them out, after a newer write
/// of another path; so none goes to another path before the server is known to be gone, or a time has passed.
/// </summary>
/// <remarks>
/// All members may be used on any thread. Writes are given back on the thread that finds out, or one that is not the pool's.
/// </remarks>
internal sealed class HeldWrites
{
    // How often is looked whether the process is gone: it may end a moment after its connection.
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(40);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _abortTime;
    private readonly List<Lost> _lost = [];
    private readonly ReclaimTimer _timer;
    private readonly DeferredWork _look;

    /// <summary>Makes the place.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="abortTime">After this, a write is given back whatever the server may do.</param>
    public HeldWrites(TimeProvider time, TimeSpan abortTime)
    {
        _time = time;
        _abortTime = abortTime;
        _look = new DeferredWork(WorkScheduler.Default, WorkKind.BlockingReclaim, Look);
        _timer = new ReclaimTimer(time, () => _look.Queue());
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
    /// <param name="endPoint">Where that was.</param>
    public void Hold(List<BioAttempt> writes, PeerProcess? server, EndPoint endPoint)
    {
        lock (_lock)
        {
            _lost.Add(new Lost(writes, server, endPoint, _time.GetTimestamp()));
        }

        _look.Queue();
    }

    /// <summary>
    /// Nobody listens there: the process that did has let go of everything. Unless it is known, and lives: another one may have
    /// listened there since.
    /// </summary>
    public void Refused(EndPoint endPoint) => GiveBack(each => each.EndPoint.ToString() == endPoint.ToString() && (each.Server is null or { IsGone: true }));

    private void Look()
    {
        GiveBack(each => each.Server is { IsGone: true } || _time.GetElapsedTime(each.Since) >= _abortTime);
        if (Count > 0)
        {
            _timer.Set(s_look);
        }
    }

    private void GiveBack(Predicate<Lost> isOver)
    {
        List<Lost> over;
        lock (_lock)
        {
            over = _lost.FindAll(isOver);
            _ = _lost.RemoveAll(over.Contains);
        }

        foreach (BioAttempt write in over.SelectMany(each => each.Writes))
        {
            write.FailPath(BlockStatus.Transport);
        }
    }

    private sealed record Lost(List<BioAttempt> Writes, PeerProcess? Server, EndPoint EndPoint, long Since);
}
