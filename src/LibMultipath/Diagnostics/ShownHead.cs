using LibMultipath.Disk;
using LibMultipath.Hooks;
using LibMultipath.Paths;

namespace LibMultipath.Diagnostics;

/// <summary>
/// One head that is shown: in the meter, in activities and in events. The meter and the activities share one handler at each
/// hook point, so that an I/O pays one call there.
/// </summary>
internal sealed class ShownHead : IDisposable
{
    private readonly IDisposable[] _attachments = [];
    private readonly HeadLatencies _latencies;
    private readonly HeadActivities _activities;
    private readonly HeadEvents? _events;

    public ShownHead(MpathHead head, MpathEventSource events)
    {
        Head = head;
        _latencies = new HeadLatencies(head);
        _activities = new HeadActivities(head);
        if (HookFeature.IsSupported)
        {
            // What begins something comes last here, and goes first: what has begun is seen to end.
            _attachments =
            [
                head.Hooks.BioEnded.Attach(new Ended(this)),
                head.Hooks.PartsEnded.Attach(new PartsEnded(_activities)),
                head.Hooks.AttemptEnded.Attach(new AttemptEnded(this)),
                head.Hooks.FailedOver.Attach(new FailedOver(_activities)),
                head.Hooks.BioRequeued.Attach(new Requeued(_activities)),
                head.Hooks.BioRemapped.Attach(new Remapped(this)),
                head.Hooks.BioSubmitted.Attach(new Submitted(this)),
                head.Hooks.BioTaken.Attach(new Taken(_activities)),
            ];
            _events = new HeadEvents(head, events);
        }

        MpathInstruments.Add(head);
    }

    public MpathHead Head { get; }

    /// <summary>For how many it is shown. Of who keeps the list of heads.</summary>
    public int Users { get; set; }

    /// <summary>Shows nothing more, without waiting for calls that run.</summary>
    public void Retire()
    {
        MpathInstruments.Remove(Head);
        _activities.Retire();
        _events?.Retire();
    }

    /// <summary>Detaches; returns when no call runs.</summary>
    public void Dispose()
    {
        foreach (IDisposable attachment in _attachments.Reverse())
        {
            attachment.Dispose();
        }

        _events?.Dispose();
    }

    // What listeners do may throw, and ends the handler: so the latencies, which only look at the clock when something begins,
    // come first then and last when it ends, and what has ended is seen to end.
    private readonly struct Submitted(ShownHead shown) : IHookHandler<BioSubmittedArgs>
    {
        public void Invoke(scoped in BioSubmittedArgs args)
        {
            shown._latencies.OnSubmitted(args.Bio);
            shown._activities.OnSubmitted(args.Bio);
        }
    }

    private readonly struct Remapped(ShownHead shown) : IHookHandler<BioRemappedArgs>
    {
        public void Invoke(scoped in BioRemappedArgs args)
        {
            MpathIo io = MpathIo.Of(args.Bio);
            shown._latencies.OnRemapped(io);
            shown._activities.OnRemapped(args.Bio, io, args.Path);
        }
    }

    private readonly struct AttemptEnded(ShownHead shown) : IHookHandler<AttemptEndedArgs>
    {
        public void Invoke(scoped in AttemptEndedArgs args)
        {
            MpathIo io = MpathIo.Of(args.Bio);
            shown._activities.OnAttemptEnded(args.Bio, io, args.Outcome, args.Status);
            shown._latencies.OnAttemptEnded(io, args.Path);
        }
    }

    private readonly struct Ended(ShownHead shown) : IHookHandler<BioEndedArgs>
    {
        public void Invoke(scoped in BioEndedArgs args)
        {
            MpathIo io = MpathIo.Of(args.Bio);
            shown._activities.OnEnded(args.Bio, io, args.Status);
            shown._latencies.OnEnded(io);
        }
    }

    private readonly struct Taken(HeadActivities activities) : IHookHandler<BioSubmittedArgs>
    {
        public void Invoke(scoped in BioSubmittedArgs args) => activities.OnTaken(args.Bio);
    }

    private readonly struct PartsEnded(HeadActivities activities) : IHookHandler<BioEndedArgs>
    {
        public void Invoke(scoped in BioEndedArgs args) => activities.OnEnded(args.Bio, MpathIo.Of(args.Bio), args.Status);
    }

    private readonly struct FailedOver(HeadActivities activities) : IHookHandler<FailedOverArgs>
    {
        public void Invoke(scoped in FailedOverArgs args) => activities.OnFailedOver(args.Bio, args.Path, args.Status);
    }

    private readonly struct Requeued(HeadActivities activities) : IHookHandler<BioRequeuedArgs>
    {
        public void Invoke(scoped in BioRequeuedArgs args) => activities.OnRequeued(args.Bio);
    }
}
