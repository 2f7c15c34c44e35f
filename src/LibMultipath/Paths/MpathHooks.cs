using LibMultipath.Hooks;

namespace LibMultipath.Paths;

/// <summary>The places of a head's data path where a user can attach. Handlers are called inside a read section.</summary>
public sealed class MpathHooks
{
    internal MpathHooks(Action quiesce)
    {
        BioTaken = new HookPoint<BioSubmittedArgs>(quiesce);
        BioSubmitted = new HookPoint<BioSubmittedArgs>(quiesce);
        BioRemapped = new HookPoint<BioRemappedArgs>(quiesce);
        AttemptEnded = new HookPoint<AttemptEndedArgs>(quiesce);
        BioEnded = new HookPoint<BioEndedArgs>(quiesce);
        PartsEnded = new HookPoint<BioEndedArgs>(quiesce);
        BioRequeued = new HookPoint<BioRequeuedArgs>(quiesce);
        FailedOver = new HookPoint<FailedOverArgs>(quiesce);
        PathStateChanged = new HookPoint<PathStateChangedArgs>(quiesce);
        CurrentPathChanged = new HookPoint<CurrentPathChangedArgs>(quiesce);
        PolicyChanged = new HookPoint<PolicyChangedArgs>(quiesce);
        RemovalScheduled = new HookPoint<RemovalScheduledArgs>(quiesce);
        RemovalCancelled = new HookPoint<RemovalCancelledArgs>(quiesce);
    }

    /// <summary>
    /// The head disk has taken a bio, before a path is selected. Not again when it is tried again. Of a bio that is carried out
    /// in parts, each part is told.
    /// </summary>
    public HookPoint<BioSubmittedArgs> BioSubmitted { get; }

    /// <summary>A bio has been aimed at a path and is about to be given to it (<c>trace_block_bio_remap</c>).</summary>
    public HookPoint<BioRemappedArgs> BioRemapped { get; }

    /// <summary>A path has given a bio back, done or not.</summary>
    public HookPoint<AttemptEndedArgs> AttemptEnded { get; }

    /// <summary>
    /// A bio has ended and is about to go back to its submitter: one that was told as submitted, or one that was refused or
    /// cancelled before it went anywhere.
    /// </summary>
    public HookPoint<BioEndedArgs> BioEnded { get; }

    /// <summary>
    /// The disk has a bio that does not go to a path at once: the thread's submission goes first, it is not plain (it may be
    /// carried out in parts, or wait for a zone), or it is refused. On the thread that submitted it, before
    /// <see cref="BioSubmitted"/>, once or twice.
    /// </summary>
    internal HookPoint<BioSubmittedArgs> BioTaken { get; }

    /// <summary>As <see cref="BioEnded"/>, of a bio whose parts were told in its place.</summary>
    internal HookPoint<BioEndedArgs> PartsEnded { get; }

    /// <summary>A bio is about to wait: for a usable path, or, after a failover, to be tried again.</summary>
    public HookPoint<BioRequeuedArgs> BioRequeued { get; }

    /// <summary>A path has failed a bio, which will be tried on another one (<c>nvme_failover_req</c>).</summary>
    public HookPoint<FailedOverArgs> FailedOver { get; }

    /// <summary>The state of a path was set.</summary>
    public HookPoint<PathStateChangedArgs> PathStateChanged { get; }

    /// <summary>
    /// A node's current path was looked for and is another one, or was forgotten. Not told: the steps of round-robin, which
    /// makes another path current with every I/O.
    /// </summary>
    public HookPoint<CurrentPathChangedArgs> CurrentPathChanged { get; }

    /// <summary>Paths are selected in another way: by another policy.</summary>
    public HookPoint<PolicyChangedArgs> PolicyChanged { get; }

    /// <summary>The last path has gone, and the head will be removed unless one comes back.</summary>
    public HookPoint<RemovalScheduledArgs> RemovalScheduled { get; }

    /// <summary>A path came back before the head was removed.</summary>
    public HookPoint<RemovalCancelledArgs> RemovalCancelled { get; }
}
