using LibMultipath.Selection;

namespace SelectorPlugin;

/// <summary>Makes nothing but faults.</summary>
public sealed class Throwing : IMpathSelector
{
    public string Name => "throwing";

    public int SelectPath(ref PathIterator paths, in SelectContext context) => throw new InvalidOperationException("it throws");
}
