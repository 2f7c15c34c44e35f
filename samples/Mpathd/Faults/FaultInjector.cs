using System.Runtime.ExceptionServices;
using LibMultipath.Paths;
using Mpathd.Paths;

namespace Mpathd.Faults;

/// <summary>Does what a plan says to the paths of a group, on a thread of its own, and mends everything when it is stopped.</summary>
internal sealed class FaultInjector : IDisposable
{
    private readonly PathGroup _group;
    private readonly IPathMaker _maker;
    private readonly FaultPlan _plan;
    private readonly ManagedPath[] _places;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private long _pathsFailed;
    private long _totalLosses;
    private long _pathsAdded;
    private long _pathsRemoved;
    private long _policyChanges;
    private volatile ExceptionDispatchInfo? _fault;

    /// <summary>Makes the injector; it does nothing before <see cref="Start"/>.</summary>
    /// <param name="group">Its paths are the injector's from then on, until it has been stopped.</param>
    /// <param name="maker">Makes the paths that are added.</param>
    /// <param name="plan">What is done; made for as many paths.</param>
    public FaultInjector(PathGroup group, IPathMaker maker, FaultPlan plan)
    {
        _group = group;
        _maker = maker;
        _plan = plan;
        _places = group.Paths;
        _thread = new Thread(Run) { IsBackground = true, Name = "faults" };
    }

    /// <summary>What was done so far. On any thread.</summary>
    public FaultCounts Counts => new(
        Volatile.Read(ref _pathsFailed),
        Volatile.Read(ref _totalLosses),
        Volatile.Read(ref _pathsAdded),
        Volatile.Read(ref _pathsRemoved),
        Volatile.Read(ref _policyChanges));

    /// <summary>Whether a step could not be done, so that nothing is done any more; <see cref="Stop"/> says why.</summary>
    public bool HasFailed => _fault is not null;

    /// <summary>Begins.</summary>
    public void Start() => _thread.Start();

    /// <summary>
    /// Ends: the step under way is finished, without its pauses, and every path works again, so that no I/O waits.
    /// Blocks until then.
    /// </summary>
    /// <exception cref="Exception">Whatever a step has met; the steps after it were not done.</exception>
    public void Stop()
    {
        _stop.Set();
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted))
        {
            return;
        }

        _thread.Join();
        _fault?.Throw();
    }

    public void Dispose() => _stop.Dispose();

    private void Run()
    {
        try
        {
            try
            {
                foreach (FaultStep step in _plan.Steps())
                {
                    if (_stop.IsSet)
                    {
                        break;
                    }

                    Do(step);
                    _stop.Wait(step.Pause);
                }
            }
            finally
            {
                Mend();
            }
        }
        catch (Exception exception)
        {
            // It belongs to whoever stops the injector.
            _fault = ExceptionDispatchInfo.Capture(exception);
        }
    }

    private void Do(FaultStep step)
    {
        ManagedPath path = _places[step.Place];
        switch (step.Kind)
        {
            case FaultKind.Fail:
                Fail(path);
                break;
            case FaultKind.Restore:
                path.Restore();
                break;
            case FaultKind.MakeOptimized:
                path.Device.AccessState = MpathAccessState.Optimized;
                break;
            case FaultKind.MakeNonOptimized:
                path.Device.AccessState = MpathAccessState.NonOptimized;
                break;
            case FaultKind.MakeInaccessible:
                path.Device.AccessState = MpathAccessState.Other;
                break;
            case FaultKind.Replace:
                Add(step.Place);
                Remove(path);
                break;
            case FaultKind.LoseAll:
                LoseAll(step);
                break;
            case FaultKind.RemoveAll:
                RemoveAll(step);
                break;
            case FaultKind.ChangePolicy:
                _group.Head.Policy.Set(step.Policy!);
                _policyChanges++;
                break;
        }
    }

    private void LoseAll(FaultStep step)
    {
        FailAll();
        _stop.Wait(step.Outage);
        Mend(_places[step.Place]);
        _stop.Wait(step.Pause);
        Mend();
    }

    private void RemoveAll(FaultStep step)
    {
        FailAll();
        foreach (ManagedPath path in _places)
        {
            Remove(path);
        }

        _stop.Wait(step.Outage);
        for (int i = 0; i < _places.Length; i++)
        {
            Add((step.Place + i) % _places.Length);
        }
    }

    private void FailAll()
    {
        foreach (ManagedPath path in _places)
        {
            Fail(path);
        }

        _totalLosses++;
    }

    private void Fail(ManagedPath path)
    {
        if (!path.IsFailed)
        {
            path.Fail();
            _pathsFailed++;
        }
    }

    private void Add(int place)
    {
        _places[place] = _group.Add(_maker);
        _pathsAdded++;
    }

    private void Remove(ManagedPath path)
    {
        _group.Remove(path);
        _pathsRemoved++;
    }

    private void Mend()
    {
        foreach (ManagedPath path in _places)
        {
            Mend(path);
        }
    }

    private static void Mend(ManagedPath path)
    {
        path.Restore();
        path.Device.AccessState = MpathAccessState.Optimized;
    }
}
