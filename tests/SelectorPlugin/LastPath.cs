using System.ComponentModel;
using LibMultipath.Block;
using LibMultipath.Selection;

namespace SelectorPlugin;

/// <summary>The last path that can be used.</summary>
[Description("the last path that can be used")]
public sealed class LastPath : IMpathSelector
{
    /// <summary>While it is on, none can be made.</summary>
    public const string Broken = "SelectorPlugin.LastPath.Broken";

    public LastPath()
    {
        if (AppContext.TryGetSwitch(Broken, out bool isBroken) && isBroken)
        {
            throw new InvalidOperationException("it is broken");
        }
    }

    public string Name => "last-path";

    public int SelectPath(ref PathIterator paths, in SelectContext context)
    {
        PathView last = default;
        for (Errno step = paths.First(); step == 0; step = paths.Next())
        {
            last = paths.Current.IsUsable ? paths.Current : last;
        }

        return paths.MoveTo(last) == 0 ? last.ControllerId : -1;
    }
}
