using LibMultipath.Paths;

namespace Mpathd.Feeding;

/// <summary>Access states as numbers in a record.</summary>
internal static class FeedState
{
    // In the order of their numbers, from 1.
    private static readonly MpathAccessState[] s_states = [MpathAccessState.Optimized, MpathAccessState.NonOptimized, MpathAccessState.Other];

    /// <summary>The number of a state.</summary>
    public static ulong Of(MpathAccessState state) => (ulong)Array.IndexOf(s_states, state) + 1;

    /// <summary>The state of a number; null if there is none.</summary>
    public static MpathAccessState? Of(ulong number) => number is > 0 and <= 3 ? s_states[number - 1] : null;
}
