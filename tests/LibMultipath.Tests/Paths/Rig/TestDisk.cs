using LibMultipath.Block;

namespace LibMultipath.Tests.Paths;

/// <summary>A path's disk that does what a test tells it to. Left alone it completes everything at once.</summary>
internal sealed class TestDisk(string name, long capacitySectors = 2048, QueueLimits? limits = null, TimeProvider? time = null)
    : DriverDisk(name, capacitySectors, limits, timeProvider: time)
{
    private readonly Lock _lock = new();
    private readonly List<BioAttempt> _held = [];
    private int _submitted;

    /// <summary>What becomes of an attempt, unless it is held.</summary>
    public Action<BioAttempt>? OnSubmit { get; set; }

    /// <summary>Called first for every attempt.</summary>
    public Action<TestDisk>? Observe { get; set; }

    /// <summary>Called for every attempt, before anything becomes of it.</summary>
    public Action<BioAttempt>? OnAttempt { get; set; }

    /// <summary>Whether attempts are kept until the test ends them.</summary>
    public bool Hold { get; set; }

    /// <summary>What an abort does; nothing when null, as of a driver that cannot.</summary>
    public Action<BioAttempt>? OnAbort { get; set; }

    /// <summary>What removing the path does; null fails all attempts that are held.</summary>
    public Action? OnAbortAll { get; set; }

    public Action? OnRelease { get; set; }

    public int Submitted => Volatile.Read(ref _submitted);

    public int Aborts { get; private set; }

    public int Releases { get; private set; }

    public IReadOnlyList<BioAttempt> Held
    {
        get
        {
            lock (_lock)
            {
                return [.. _held];
            }
        }
    }

    /// <summary>Takes the attempt that is held longest.</summary>
    public BioAttempt Take(int index = 0)
    {
        lock (_lock)
        {
            BioAttempt attempt = _held[index];
            _held.RemoveAt(index);
            return attempt;
        }
    }

    public void FailWith(BlockStatus status) => OnSubmit = attempt => attempt.FailPath(status);

    public void Resize(long sectors) => SetCapacity(sectors);

    public void ChangeLimits(QueueLimits limits) => SetLimits(limits);

    public void Limit(QueueLimits limits) => SetLimits(limits);

    public void FailHeld()
    {
        while (Held.Count > 0)
        {
            Take().FailPath(BlockStatus.Transport);
        }
    }

    protected override void SubmitBio(BioAttempt attempt)
    {
        Interlocked.Increment(ref _submitted);
        Observe?.Invoke(this);
        OnAttempt?.Invoke(attempt);
        if (Hold)
        {
            lock (_lock)
            {
                _held.Add(attempt);
            }
        }
        else if (OnSubmit is { } onSubmit)
        {
            onSubmit(attempt);
        }
        else
        {
            attempt.Complete(BlockStatus.Ok);
        }
    }

    protected internal override void Abort(BioAttempt attempt)
    {
        Aborts++;
        OnAbort?.Invoke(attempt);
    }

    protected internal override void AbortAll()
    {
        if (OnAbortAll is { } onAbortAll)
        {
            onAbortAll();
        }
        else
        {
            FailHeld();
        }
    }

    protected internal override void Release()
    {
        Releases++;
        OnRelease?.Invoke();
    }
}
