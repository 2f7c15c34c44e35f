namespace Mpathd.Runs;

/// <summary>One path at one moment.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="State">In a word or two.</param>
/// <param name="IsUsable">Whether I/O may be sent to it.</param>
/// <param name="InFlight">Attempts under way.</param>
/// <param name="Ios">Attempts that have ended.</param>
/// <param name="Failovers">Attempts that failed over.</param>
internal readonly record struct PathSnapshot(string Name, string State, bool IsUsable, int InFlight, long Ios, long Failovers);
