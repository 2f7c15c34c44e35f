namespace NullDriver;

/// <summary>How long attempts took, from their submission to their end.</summary>
/// <param name="Count">How many there were.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="P50">Half of them took no longer; to within a sixteenth.</param>
/// <param name="P99">All but one in a hundred took no longer; to within a sixteenth.</param>
/// <param name="Max">The longest.</param>
public readonly record struct LatencyReport(long Count, TimeSpan Mean, TimeSpan P50, TimeSpan P99, TimeSpan Max);
