using LibMultipath.Block;

namespace LibMultipath.Paths;

/// <summary>The arguments of <see cref="MpathHooks.BioSubmitted"/>.</summary>
/// <param name="Bio">The bio.</param>
public readonly record struct BioSubmittedArgs(Bio Bio);

/// <summary>The arguments of <see cref="MpathHooks.BioRemapped"/>.</summary>
/// <param name="Bio">The bio; it is aimed at <paramref name="To"/> already.</param>
/// <param name="From">The head's disk.</param>
/// <param name="To">The path's disk.</param>
/// <param name="Path">The path.</param>
public readonly record struct BioRemappedArgs(Bio Bio, BlockDevice From, BlockDevice To, MpathDevice Path);

/// <summary>The arguments of <see cref="MpathHooks.AttemptEnded"/>.</summary>
/// <param name="Bio">The bio.</param>
/// <param name="Path">The path that has given it back.</param>
/// <param name="Outcome">What becomes of it, as far as the path is concerned.</param>
/// <param name="Status">The status that the path gave.</param>
public readonly record struct AttemptEndedArgs(Bio Bio, MpathDevice Path, AttemptOutcome Outcome, BlockStatus Status);

/// <summary>The arguments of <see cref="MpathHooks.BioEnded"/>.</summary>
/// <param name="Bio">The bio.</param>
/// <param name="Status">How it ended.</param>
public readonly record struct BioEndedArgs(Bio Bio, BlockStatus Status);

/// <summary>The arguments of <see cref="MpathHooks.BioRequeued"/>.</summary>
/// <param name="Bio">The bio.</param>
public readonly record struct BioRequeuedArgs(Bio Bio);

/// <summary>The arguments of <see cref="MpathHooks.FailedOver"/>.</summary>
/// <param name="Bio">The bio.</param>
/// <param name="Path">The path that has failed it.</param>
/// <param name="Status">With what.</param>
public readonly record struct FailedOverArgs(Bio Bio, MpathDevice Path, BlockStatus Status);

/// <summary>The arguments of <see cref="MpathHooks.PathStateChanged"/>.</summary>
/// <param name="Path">The path, in its new state.</param>
public readonly record struct PathStateChangedArgs(MpathDevice Path);

/// <summary>The arguments of <see cref="MpathHooks.CurrentPathChanged"/>.</summary>
/// <param name="Node">The NUMA node, from 0.</param>
/// <param name="Old">The path that was current; null if none was.</param>
/// <param name="New">The path that is current now; null if it was only forgotten.</param>
public readonly record struct CurrentPathChangedArgs(int Node, MpathDevice? Old, MpathDevice? New);

/// <summary>The arguments of <see cref="MpathHooks.PolicyChanged"/>.</summary>
/// <param name="Head">The head.</param>
/// <param name="Old">What selected before.</param>
/// <param name="New">What selects now.</param>
public readonly record struct PolicyChangedArgs(MpathHead Head, PathSelector Old, PathSelector New);

/// <summary>The arguments of <see cref="MpathHooks.RemovalScheduled"/>.</summary>
/// <param name="Head">The head.</param>
/// <param name="Seconds">When it will be removed, from now on.</param>
public readonly record struct RemovalScheduledArgs(MpathHead Head, uint Seconds);

/// <summary>The arguments of <see cref="MpathHooks.RemovalCancelled"/>.</summary>
/// <param name="Head">The head.</param>
public readonly record struct RemovalCancelledArgs(MpathHead Head);
