namespace LibMultipath.Selection;

/// <summary>
/// A selector that policies can name, in attributes and in mpathd too: <see cref="IoPolicies.Register"/>.
/// </summary>
/// <param name="Name">As in <c>name:key=value,…</c>: not empty, without ':', ',', '=' and white space.</param>
/// <param name="Summary">What it chooses, in a line.</param>
/// <param name="Parameters">What can be said of it.</param>
/// <param name="Create">Makes one for a head; called once for each head that selects so, and it keeps what it likes.</param>
public sealed record SelectorDefinition(
    string Name,
    string Summary,
    IReadOnlyList<SelectorParameter> Parameters,
    Func<SelectorParameters, IMpathSelector> Create);
