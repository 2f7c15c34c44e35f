using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>A policy that a definition stands for: every head that selects so has a selector of its own.</summary>
internal sealed class NamedSelector(string name, SelectorDefinition definition, SelectorParameters parameters)
    : PathSelector(name, SelectorNeeds.None, usesDistance: true)
{
    // Whoever registered it wants it for as long as the policy names it.
    private static readonly SelectorOptions s_options = new() { MaxSteps = int.MaxValue, MaxTime = Timeout.InfiniteTimeSpan, MaxFaults = 0 };

    public SelectorDefinition Definition => definition;

    internal override PathSelector For(MpathHead head) =>
        new UserSelector(new SelectorSession(definition.Create(parameters), s_options, tooManyFaults: null), IoPolicies.Numa);

    internal override MpathDevice? Select(MpathHead head, int node, Bio? bio) =>
        throw new UnreachableException($"{Name} selects for heads, one by one.");
}
