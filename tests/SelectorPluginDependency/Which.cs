namespace SelectorPluginDependency;

/// <summary>Tells which assembly of its name was loaded.</summary>
public static class Which
{
    public static string Version => typeof(Which).Assembly.GetName().Version!.ToString(3);
}
