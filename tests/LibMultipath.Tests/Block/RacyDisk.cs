using System.Collections.Concurrent;
using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

/// <summary>
/// A disk whose attempts end inside SubmitBio or on threads of its own, some after a retry, and some because they
/// were asked back; whoever takes an attempt out of the table ends it.
/// </summary>
internal sealed class RacyDisk : DriverDisk, IDisposable
{
    private readonly ConcurrentDictionary<BioAttempt, bool> _underWay = new();
    private readonly BlockingCollection<BioAttempt> _queue = [];
    private readonly Thread[] _threads;
    private readonly Random _random;
    private int _aborted;
    private int _lost;

    public RacyDisk(QueueLimits limits, int seed)
        : base("racy", 1 << 20, limits)
    {
        _random = new Random(seed);
        _threads = [.. Enumerable.Range(0, 2).Select(i => new Thread(() => Serve(new Random(seed + i))) { IsBackground = true })];
        Array.ForEach(_threads, thread => thread.Start());
    }

    /// <summary>How many attempts ended because they were asked back.</summary>
    public int Aborted => _aborted;

    /// <summary>How many attempts could not be ended although nobody else had: somebody else's completion hit them.</summary>
    public int Lost => _lost;

    public int UnderWay => _underWay.Count;

    public void Dispose()
    {
        _queue.CompleteAdding();
        Array.ForEach(_threads, thread => thread.Join());
        _queue.Dispose();
    }

    protected override void SubmitBio(BioAttempt attempt)
    {
        _underWay[attempt] = true;
        int choice;
        lock (_random)
        {
            choice = _random.Next(4);
        }

        if (choice == 0)
        {
            End(attempt, choice);
        }
        else
        {
            _queue.Add(attempt);
        }
    }

    protected internal override void Abort(BioAttempt attempt)
    {
        if (_underWay.TryRemove(attempt, out _))
        {
            Interlocked.Increment(ref _aborted);
            Check(attempt.FailPath(BlockStatus.Transport));
        }
    }

    private void Serve(Random random)
    {
        foreach (BioAttempt attempt in _queue.GetConsumingEnumerable())
        {
            Thread.SpinWait(random.Next(500));
            End(attempt, random.Next(40));
        }
    }

    private void End(BioAttempt attempt, int choice)
    {
        if (_underWay.TryRemove(attempt, out _))
        {
            Check(choice == 7 ? attempt.RetryHere(BlockStatus.Resource, TimeSpan.FromMilliseconds(1)) : attempt.Complete(BlockStatus.Ok));
        }
    }

    private void Check(bool ended)
    {
        if (!ended)
        {
            Interlocked.Increment(ref _lost);
        }
    }
}
