using LibMultipath.Work;

namespace LibMultipath.Paths;

// How long is waited for a controller that is not connected. The waiting itself is ControllerRecovery's.
public sealed partial class MpathController
{
    private FailureTimes _failureTimes = new();
    private FailureTimes _inForce = FailureTimes.Default;
    private bool _fastFailExpired;

    /// <summary>
    /// How long is waited when it is not connected. What is not given is what the head of its first path gives, and what that
    /// does not give is <see cref="FailureTimes.Default"/>. What is set has effect at once, on times that run too.
    /// </summary>
    public FailureTimes FailureTimes
    {
        get => Volatile.Read(ref _failureTimes);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            ChangeFailureTimes(_ => value);
        }
    }

    /// <summary>The times that hold, all of them given.</summary>
    public FailureTimes FailureTimesInForce => Volatile.Read(ref _inForce);

    /// <summary>
    /// Whether it has not been connected for so long that I/O does not wait for it any more (<c>NVME_CTRL_FAILFAST_EXPIRED</c>).
    /// A state that is set to live ends that.
    /// </summary>
    public bool IsFastFailExpired => Volatile.Read(ref _fastFailExpired);

    /// <summary>The times that hold have changed. Raised outside of locks.</summary>
    internal event Action? FailureTimesChanged;

    /// <summary>Where work for its paths runs: where that of the head of its first one does.</summary>
    internal IWorkScheduler Scheduler
    {
        get
        {
            lock (_lock)
            {
                return _paths.Count == 0 ? WorkScheduler.Default : _paths[0].Head.Scheduler;
            }
        }
    }

    private MpathDevice[] Paths
    {
        get
        {
            lock (_lock)
            {
                return [.. _paths];
            }
        }
    }

    /// <summary>Sets some of the times; nobody else's change gets lost.</summary>
    internal void ChangeFailureTimes(Func<FailureTimes, FailureTimes> change)
    {
        lock (_lock)
        {
            Volatile.Write(ref _failureTimes, change(_failureTimes));
        }

        UpdateFailureTimes();
    }

    /// <summary>What is given here, the first path, or what its head gives has changed, perhaps. Under no lock.</summary>
    internal void UpdateFailureTimes()
    {
        FailureTimes old;
        FailureTimes times;
        MpathDevice[] paths;
        lock (_lock)
        {
            FailureTimes above = _paths.Count == 0 ? FailureTimes.Default : _paths[0].Head.FailureTimesInForce;
            old = _inForce;
            times = _failureTimes.Over(above);
            if (times == old)
            {
                return;
            }

            Volatile.Write(ref _inForce, times);
            paths = [.. _paths];
        }

        FailureTimesChanged?.Invoke();
        foreach (MpathDevice path in paths)
        {
            path.Head.TellFailureTimes(old, times, path);
        }
    }

    /// <summary>Lets I/O wait for it, or not. True if that is new; then I/O that waits has to be looked at again.</summary>
    internal bool SetFastFailExpired(bool expired) => Interlocked.Exchange(ref _fastFailExpired, expired) != expired;

    /// <summary>I/O that waits for its paths is looked at again. Blocks for a grace period of each head.</summary>
    internal void LookAtWaitingIo()
    {
        foreach (MpathHead head in Paths.Select(path => path.Head).Distinct())
        {
            head.LookAtWaitingIo();
        }
    }
}
