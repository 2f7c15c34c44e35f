namespace Mpathd.Tests.Kit;

/// <summary>Assemblies with selectors, as users build them.</summary>
internal static class Plugins
{
    /// <summary>Brings along a dependency that has the name of one of the daemon's.</summary>
    public static string Selectors { get; } = Path.Combine(AppContext.BaseDirectory, "plugin", "SelectorPlugin.dll");

    /// <summary>The sample of docs/selectors.md.</summary>
    public static string Sample { get; } = Path.Combine(AppContext.BaseDirectory, "sample", "PathSelector.dll");
}
