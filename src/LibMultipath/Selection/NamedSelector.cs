using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>A policy that a definition stands for: every head that selects so has a selector of its own.</summary>
internal sealed class NamedSelector(string name, SelectorDefinition definition, SelectorParameters parameters, bool isOurs)
    : PathSelector(name, SelectorNeeds.None, usesDistance: true)
{
    private static readonly SelectorOptions s_ours = new() { MaxSteps = int.MaxValue, MaxTime = Timeout.InfiniteTimeSpan, MaxFaults = 0 };
    private static readonly SelectorOptions s_others = new();

    public SelectorDefinition Definition => definition;

    /// <summary>Whether the library brings it along, and it needs no watching.</summary>
    public bool IsOurs => isOurs;

    /// <summary>Makes one.</summary>
    public IMpathSelector Create() => definition.Create(parameters)
        ?? throw new InvalidOperationException($"The definition of the selector '{definition.Name}' has made none.");

    internal override PathSelector For(MpathHead head) =>
        new UserSelector(new SelectorSession(Create(), isOurs ? s_ours : s_others, detach: null), IoPolicies.Numa);

    internal override bool IsSame(PathSelector other) =>
        other is NamedSelector named && named.Name == Name && ReferenceEquals(named.Definition, definition);

    internal override MpathDevice? Select(MpathHead head, int node, Bio? bio) =>
        throw new UnreachableException($"{Name} selects for heads, one by one.");
}
