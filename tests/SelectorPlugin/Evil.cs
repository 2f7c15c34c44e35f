using LibMultipath.Selection;

namespace SelectorPlugin;

/// <summary>Throws what throws.</summary>
public sealed class Evil : IMpathSelector
{
    public string Name => "evil";

    public int SelectPath(ref PathIterator paths, in SelectContext context) => throw new EvilException();
}
