using LibMultipath.Hooks;

namespace LibMultipath.Paths;

/// <summary>The places of a head's data path where a user can attach. Handlers are called inside a read section.</summary>
public sealed class MpathHooks
{
    internal MpathHooks(Action quiesce)
    {
        BioSubmitted = new HookPoint<BioSubmittedArgs>(quiesce);
        BioRemapped = new HookPoint<BioRemappedArgs>(quiesce);
        AttemptEnded = new HookPoint<AttemptEndedArgs>(quiesce);
        BioEnded = new HookPoint<BioEndedArgs>(quiesce);
        PathStateChanged = new HookPoint<PathStateChangedArgs>(quiesce);
    }

    /// <summary>The head disk has taken a bio, before a path is selected. Not again when it is tried again.</summary>
    public HookPoint<BioSubmittedArgs> BioSubmitted { get; }

    /// <summary>A bio has been aimed at a path and is about to be given to it (<c>trace_block_bio_remap</c>).</summary>
    public HookPoint<BioRemappedArgs> BioRemapped { get; }

    /// <summary>A path has given a bio back, done or not.</summary>
    public HookPoint<AttemptEndedArgs> AttemptEnded { get; }

    /// <summary>A bio has ended and is about to go back to its submitter.</summary>
    public HookPoint<BioEndedArgs> BioEnded { get; }

    /// <summary>The state of a path was set.</summary>
    public HookPoint<PathStateChangedArgs> PathStateChanged { get; }
}
