namespace LibMultipath.Paths;

public sealed partial class MpathHead
{
    private readonly FastFail _fastFail;
    private FailureTimes _failureTimes;

    /// <summary>
    /// How long is waited when paths do not work. Its <see cref="FailureTimes.FastIoFail"/> is the head's own: when none of
    /// the paths has been usable for that long, I/O that waits and new I/O fail with <c>BLK_STS_IOERR</c>, whatever the
    /// paths may promise and although the head queues without paths, until one is usable; not given is off. All of them
    /// are what controllers take that do not give a time themselves. What is set has effect at once, on times that run too.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It is set, and the head is gone. Nothing has changed.</exception>
    public FailureTimes FailureTimes
    {
        get => Volatile.Read(ref _failureTimes);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            ChangeFailureTimes(_ => value);
        }
    }

    /// <summary>Whether no path has been usable for so long that I/O fails instead of waiting.</summary>
    public bool IsFastFailExpired => _fastFail.IsExpired;

    /// <summary>What is given here, and where nothing is, what NVMe hosts have.</summary>
    internal FailureTimes FailureTimesInForce => FailureTimes.Over(FailureTimes.Default);

    /// <summary>Sets some of the times; nobody else's change gets lost.</summary>
    internal void ChangeFailureTimes(Func<FailureTimes, FailureTimes> change)
    {
        ObjectDisposedException.ThrowIf(!TryGet(), this);
        try
        {
            FailureTimes old;
            FailureTimes times;
            do
            {
                old = FailureTimes;
                times = change(old);
            }
            while (!ReferenceEquals(Interlocked.CompareExchange(ref _failureTimes, times, old), old));

            _fastFail.Look();
            TellFailureTimes(old.Over(FailureTimes.Default), times.Over(FailureTimes.Default), path: null);
            foreach (MpathDevice path in PathList)
            {
                path.Controller.UpdateFailureTimes();
            }
        }
        finally
        {
            Put();
        }
    }

    internal void TellFailureTimes(FailureTimes old, FailureTimes times, MpathDevice? path)
    {
        if (old.ReconnectDelay != times.ReconnectDelay)
        {
            Tell(HeadChange.ReconnectDelay, path);
        }

        if (old.FastIoFail != times.FastIoFail)
        {
            Tell(HeadChange.FastIoFail, path);
        }

        if (old.Loss != times.Loss)
        {
            Tell(HeadChange.Loss, path);
        }
    }

    /// <summary>A path may have become usable, or unusable: under whatever lock, after it has changed.</summary>
    internal void LookWhetherAnyPathWorks() => _fastFail.Look();

    /// <summary>What it is that keeps I/O waiting has changed: it is looked at again. Blocks for a grace period.</summary>
    internal void LookAtWaitingIo()
    {
        if (TryGet())
        {
            // I/O that found no path is on the list by the end of its read section, and is seen by the requeue work.
            Srcu.Synchronize();
            ScheduleRequeue();
            Put();
        }
    }
}
