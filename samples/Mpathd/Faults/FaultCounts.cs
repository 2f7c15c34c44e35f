namespace Mpathd.Faults;

/// <summary>What was done to the paths so far.</summary>
/// <param name="PathsFailed">Paths whose descriptor was closed.</param>
/// <param name="TotalLosses">Times at which no path was left.</param>
/// <param name="PathsAdded">Paths that were added, those at the start aside.</param>
/// <param name="PathsRemoved">Paths that were removed, those at the end aside.</param>
/// <param name="PolicyChanges">Changes of the policy.</param>
internal readonly record struct FaultCounts(long PathsFailed, long TotalLosses, long PathsAdded, long PathsRemoved, long PolicyChanges);
