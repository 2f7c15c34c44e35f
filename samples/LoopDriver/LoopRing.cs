using LibMultipath.Block;
using LibMultipath.IoUring.Loops;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>
/// Carries I/O of a path out on rings: what is submitted on a thread that drives a loop goes onto that loop's ring, and
/// with its next submission to the kernel; the rest waits on the queue for the path's own thread, which drives a loop of
/// its own.
/// </summary>
/// <remarks>
/// The own thread serves this path alone: what an end there sets off on another path goes to that one's thread, so
/// that a path can always go.
/// </remarks>
internal sealed class LoopRing
{
    // As many as the ring takes at once: more wait on the queue, where they can be had back.
    private const int OwnDepth = 128;

    [ThreadStatic]
    private static LoopRing? s_owner;

    private readonly Lock _lock = new();
    private readonly LoopQueue _queue;
    private readonly DescriptorTarget _target;
    private readonly LoopHelper _helper;
    private readonly RingLoop _own;
    private readonly LoopLane _ownLane;
    private readonly WakeUp _wakeUp = new();
    private LoopLane[] _lanes;

    /// <summary>Begins to carry out what is on the queue. Takes the loop over.</summary>
    /// <exception cref="BlockException">There can be no thread; the loop is gone.</exception>
    public LoopRing(string name, LoopQueue queue, RingLoop own, DescriptorTarget target)
    {
        _target = target;
        _helper = new LoopHelper(name, target);
        _queue = queue;
        _own = own;
        _ownLane = new LoopLane(own, target, _helper);
        _lanes = [_ownLane];
        queue.Changed = () => _own.TryPost(_wakeUp);
        try
        {
            LoopThreads.Start($"{name}/ring", Serve);
        }
        catch
        {
            own.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Begins an attempt on the loop of the calling thread; false if it drives none, or it cannot be, and the attempt
    /// is still the caller's.
    /// </summary>
    public bool TryBegin(BioAttempt attempt) =>
        (attempt.Bio.Flags & BioFlags.Registered) != 0
            ? TryBeginRegistered(attempt)
            : RingLoop.Current is { } loop && !_queue.Delays && (s_owner is null || s_owner == this)
                && _queue.File is { } file && LaneOf(loop).TryBegin(attempt, file);

    /// <summary>Asks the kernel for an attempt that it has, or for all; what it cannot stop ends as it ends. Any thread.</summary>
    public void Abort(BioAttempt? attempt)
    {
        foreach (LoopLane lane in Volatile.Read(ref _lanes))
        {
            lane.Abort(attempt);
        }
    }

    /// <summary>The descriptor was closed: the loops let the file go. Any thread.</summary>
    public void LetGo()
    {
        foreach (LoopLane lane in Volatile.Read(ref _lanes))
        {
            lane.LetGo();
        }
    }

    // Its data is registered with one ring: there, or nowhere. Such an attempt is not delayed.
    private bool TryBeginRegistered(BioAttempt attempt)
    {
        if (!attempt.Bio.Segments[0].TryGetRegistered(out RegisteredBuffer? buffer, out _) || buffer is not RingBuffer { Loop: var loop })
        {
            attempt.Complete(BlockStatus.NotSupported);
        }
        else if (_queue.File is not { } file || (loop.IsCurrent && !LaneOf(loop).TryBegin(attempt, file)))
        {
            attempt.FailPath(BlockStatus.Transport);
        }
        else if (!loop.IsCurrent)
        {
            LaneOf(loop).HandOver(attempt, file);
        }

        return true;
    }

    private LoopLane LaneOf(RingLoop loop)
    {
        foreach (LoopLane lane in Volatile.Read(ref _lanes))
        {
            if (lane.Loop == loop)
            {
                return lane;
            }
        }

        return AddLane(loop);
    }

    private LoopLane AddLane(RingLoop loop)
    {
        var lane = new LoopLane(loop, _target, _helper);
        lock (_lock)
        {
            // Loops that are gone need theirs no more.
            Volatile.Write(ref _lanes, [.. _lanes.Where(other => !other.Loop.Ring.IsDisposed), lane]);
        }

        return lane;
    }

    private void Serve()
    {
        s_owner = this;
        using RingLoop loop = _own;
        loop.Attach();
        while (!_queue.IsStopped || loop.UnderWay != 0)
        {
            loop.Poll(Begin());
        }

        _helper.Stop();
    }

    /// <summary>Begins what is due, as far as there is room.</summary>
    /// <returns>How long until more is.</returns>
    private TimeSpan Begin()
    {
        TimeSpan wait = Timeout.InfiniteTimeSpan;
        while (_own.UnderWay < OwnDepth && _queue.TryTakeDue(out BioAttempt attempt, out SafeFileHandle file, out wait))
        {
            if (!_ownLane.TryBegin(attempt, file))
            {
                attempt.FailPath(BlockStatus.Transport);
            }
        }

        return wait;
    }

    // Only for the turn that it makes the loop take.
    private sealed class WakeUp : RingWork
    {
        protected override void Run()
        {
        }
    }
}
