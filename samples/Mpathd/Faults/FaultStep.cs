using LibMultipath.Paths;

namespace Mpathd.Faults;

/// <summary>One step of a fault plan.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Place">To which path: its place from 0, which a path that replaces it inherits.</param>
/// <param name="Pause">How long nothing else is done afterwards.</param>
/// <param name="Outage">How long there is no path, for the steps that take them all.</param>
/// <param name="Policy">The policy, for the step that changes it.</param>
internal sealed record FaultStep(FaultKind Kind, int Place, TimeSpan Pause, TimeSpan Outage = default, PathSelector? Policy = null);
