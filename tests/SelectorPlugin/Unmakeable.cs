using LibMultipath.Selection;

namespace SelectorPlugin;

/// <summary>Can be named, and not be made.</summary>
public static class Unmakeable
{
    public static SelectorDefinition Definition { get; } = new("unmakeable", "none", [], _ => throw new EvilException());
}
