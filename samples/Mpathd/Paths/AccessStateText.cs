using LibMultipath.Paths;

namespace Mpathd.Paths;

/// <summary>Access states as people write them.</summary>
internal static class AccessStateText
{
    /// <summary>Reads the name of an access state.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static MpathAccessState Parse(string text) => text switch
    {
        "optimized" => MpathAccessState.Optimized,
        "non-optimized" => MpathAccessState.NonOptimized,
        "inaccessible" => MpathAccessState.Other,
        _ => throw new FormatException($"there is no state '{text}'; give optimized, non-optimized or inaccessible"),
    };

    /// <summary>Writes one as <see cref="Parse"/> reads it.</summary>
    public static string Format(MpathAccessState state) => state switch
    {
        MpathAccessState.Optimized => "optimized",
        MpathAccessState.NonOptimized => "non-optimized",
        _ => "inaccessible",
    };
}
