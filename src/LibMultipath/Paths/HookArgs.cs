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

/// <summary>The arguments of <see cref="MpathHooks.PathStateChanged"/>.</summary>
/// <param name="Path">The path, in its new state.</param>
public readonly record struct PathStateChangedArgs(MpathDevice Path);
