using System.Diagnostics.Tracing;
using LibMultipath.Block;
using LibMultipath.Hooks;
using LibMultipath.Paths;
using LibMultipath.Work;

namespace LibMultipath.Diagnostics;

/// <summary>
/// The events of a head. A hook point is attached while the event source is enabled for what is told there: from the enabling
/// on, until the point is passed for the first time after nobody wants it any more.
/// </summary>
/// <remarks>
/// The event source tells that it is being disabled before it is, and holds a lock then under which nobody may wait for
/// handlers. So handlers find out for themselves, and are detached by work of the head's scheduler.
/// </remarks>
internal sealed class HeadEvents : IDisposable
{
    private readonly Lock _lock = new();
    private readonly MpathHead _head;
    private readonly MpathEventSource _log;
    private readonly DeferredWork _detach;
    private readonly EventTap[] _taps;
    private IDisposable[] _retiring = [];
    private bool _retired;

    public HeadEvents(MpathHead head, MpathEventSource log)
    {
        _head = head;
        _log = log;
        _detach = new DeferredWork(head.Scheduler, WorkKind.Normal, DetachUnwanted);
        MpathHooks hooks = head.Hooks;
        _taps =
        [
            Tap<BioSubmittedArgs>(hooks.BioSubmitted, EventLevel.Verbose, MpathEventSource.Keywords.Io, OnSubmitted),
            Tap<BioRemappedArgs>(hooks.BioRemapped, EventLevel.Verbose, MpathEventSource.Keywords.Io, OnRemapped),
            Tap<BioEndedArgs>(hooks.BioEnded, EventLevel.Verbose, MpathEventSource.Keywords.Io, OnEnded),
            Tap<AttemptEndedArgs>(hooks.AttemptEnded, EventLevel.Warning, MpathEventSource.Keywords.Errors, OnAttemptEnded),
            Tap<FailedOverArgs>(hooks.FailedOver, EventLevel.Warning, MpathEventSource.Keywords.Errors, OnFailedOver),
            Tap<BioRequeuedArgs>(hooks.BioRequeued, EventLevel.Informational, MpathEventSource.Keywords.Errors, OnRequeued),
            Tap<PathStateChangedArgs>(hooks.PathStateChanged, EventLevel.Informational, MpathEventSource.Keywords.Paths, OnPathStateChanged),
            Tap<CurrentPathChangedArgs>(hooks.CurrentPathChanged, EventLevel.Informational, MpathEventSource.Keywords.Paths, OnCurrentPathChanged),
            Tap<PolicyChangedArgs>(hooks.PolicyChanged, EventLevel.Informational, MpathEventSource.Keywords.Heads, OnPolicyChanged),
            Tap<RemovalScheduledArgs>(hooks.RemovalScheduled, EventLevel.Warning, MpathEventSource.Keywords.Heads, OnRemovalScheduled),
            Tap<RemovalCancelledArgs>(hooks.RemovalCancelled, EventLevel.Informational, MpathEventSource.Keywords.Heads, OnRemovalCancelled),
        ];

        // In this order: whoever enables the event source now finds the head there, or is found here.
        log.Add(this);
        AttachWanted();
    }

    /// <summary>The event source was enabled, for this or that.</summary>
    public void AttachWanted()
    {
        lock (_lock)
        {
            if (!_retired)
            {
                Array.ForEach(_taps, static tap => tap.AttachIfWanted());
            }
        }
    }

    /// <summary>Writes nothing more, without waiting for calls that run.</summary>
    public void Retire()
    {
        _log.Remove(this);
        lock (_lock)
        {
            _retired = true;
            _retiring = Take(all: true);
        }
    }

    /// <summary>Returns when no call runs. After <see cref="Retire"/>.</summary>
    public void Dispose()
    {
        Array.ForEach(_retiring, static attachment => attachment.Dispose());
        _detach.Flush();
    }

    private void DetachUnwanted()
    {
        IDisposable[] gone;
        lock (_lock)
        {
            gone = Take(all: false);
        }

        // Not under the lock: this waits for handlers, and a listener that they call may enable the event source.
        Array.ForEach(gone, static attachment => attachment.Dispose());
    }

    private IDisposable[] Take(bool all) => [.. _taps.Select(tap => tap.TakeIfUnwanted(all)).OfType<IDisposable>()];

    private EventTap<TArgs> Tap<TArgs>(HookPoint<TArgs> point, EventLevel level, EventKeywords keywords, HookHandler<TArgs> write) =>
        new(_log, point, level, keywords, write, () => _detach.Queue());

    private void OnSubmitted(scoped in BioSubmittedArgs args) =>
        _log.IoSubmitted(_head.Name, DiagnosticTags.NameOf(args.Bio.Op), args.Bio.Sector, args.Bio.Size);

    private void OnRemapped(scoped in BioRemappedArgs args) =>
        _log.IoRemapped(_head.Name, args.Path.Name, DiagnosticTags.NameOf(args.Bio.Op), args.Bio.Sector, args.Bio.Size);

    private void OnEnded(scoped in BioEndedArgs args) =>
        _log.IoEnded(_head.Name, DiagnosticTags.NameOf(args.Bio.Op), args.Bio.Sector, args.Bio.Size, args.Status.ToKernelName());

    private void OnAttemptEnded(scoped in AttemptEndedArgs args)
    {
        if (args.Status != BlockStatus.Ok || args.Outcome != AttemptOutcome.Done)
        {
            _log.AttemptFailed(
                _head.Name, args.Path.Name, DiagnosticTags.NameOf(args.Bio.Op), args.Bio.Sector, args.Bio.Size,
                DiagnosticTags.NameOf(args.Outcome), args.Status.ToKernelName());
        }
    }

    private void OnFailedOver(scoped in FailedOverArgs args) =>
        _log.FailedOver(_head.Name, args.Path.Name, DiagnosticTags.NameOf(args.Bio.Op), args.Bio.Sector, args.Bio.Size, args.Status.ToKernelName());

    private void OnRequeued(scoped in BioRequeuedArgs args) =>
        _log.IoRequeued(_head.Name, DiagnosticTags.NameOf(args.Bio.Op), args.Bio.Sector, args.Bio.Size);

    private void OnPathStateChanged(scoped in PathStateChangedArgs args) =>
        _log.PathStateChanged(_head.Name, args.Path.Name, (int)args.Path.AccessState, args.Path.IsUsable);

    private void OnCurrentPathChanged(scoped in CurrentPathChangedArgs args) =>
        _log.CurrentPathChanged(_head.Name, args.Node, args.Old?.Name ?? "", args.New?.Name ?? "");

    private void OnPolicyChanged(scoped in PolicyChangedArgs args) =>
        _log.PolicyChanged(_head.Name, args.Old.ToString(), args.New.ToString());

    private void OnRemovalScheduled(scoped in RemovalScheduledArgs args) => _log.RemovalScheduled(_head.Name, args.Seconds);

    private void OnRemovalCancelled(scoped in RemovalCancelledArgs args) => _log.RemovalCancelled(_head.Name);
}
