using LibMultipath.Selection;
using SelectorPluginDependency;

namespace SelectorPlugin;

/// <summary>Has a definition of its own, with a parameter, and tells which dependency it got.</summary>
public sealed class Configured(long path) : IMpathSelector
{
    public static SelectorDefinition Definition { get; } = new(
        "configured", $"with {Which.Version}", [new SelectorParameter("path", "the controller id of the path", 0, 0, 63)], values => new Configured(values["path"]));

    public string Name => Definition.Name;

    public int SelectPath(ref PathIterator paths, in SelectContext context)
    {
        for (var step = paths.First(); step == 0; step = paths.Next())
        {
            if (paths.Current.ControllerId == path)
            {
                return paths.Current.ControllerId;
            }
        }

        return -1;
    }
}
