using System.Diagnostics.CodeAnalysis;

namespace LibMultipath.Hooks;

/// <summary>Whether there are hook points at all in this program.</summary>
internal static class HookFeature
{
    public const string Switch = "LibMultipath.Hooks.IsSupported";

    /// <summary>
    /// True unless the program was built or started with the switch off: then the compiler leaves out what looks at hook
    /// points, and attaching is refused.
    /// </summary>
    [FeatureSwitchDefinition(Switch)]
    public static bool IsSupported { get; } = !AppContext.TryGetSwitch(Switch, out bool isEnabled) || isEnabled;
}
