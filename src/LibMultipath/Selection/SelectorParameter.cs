namespace LibMultipath.Selection;

/// <summary>A parameter of a selector that has a name.</summary>
/// <param name="Key">As in <c>name:key=value</c>: not empty, without ':', ',' and '='.</param>
/// <param name="Summary">What it is, in a line, with its unit.</param>
/// <param name="Default">What it is if nothing is said.</param>
/// <param name="Least">The least it can be.</param>
/// <param name="Most">The most it can be.</param>
/// <param name="Multiple">What it must be a multiple of.</param>
public sealed record SelectorParameter(string Key, string Summary, long Default, long Least, long Most, long Multiple = 1);
