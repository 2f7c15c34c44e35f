using System.Text.Json.Serialization;

namespace Mpathd.Control;

/// <summary>What the verbs on selectors are about.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SelectorRequest
{
    /// <summary>Of <c>selector-attach</c>: NAME, or NAME:KEY=VALUE,….</summary>
    public string? Name { get; init; }

    /// <summary>Of <c>selector-attach</c>: whether it takes the place of the one there is.</summary>
    public bool? Replace { get; init; }

    /// <summary>Of <c>selector-attach</c>: after how many faults one after the other it comes off; 0 for never.</summary>
    public int? MaxFaults { get; init; }

    /// <summary>Of <c>selector-load</c> and <c>selector-unload</c>: the full name of an assembly's file.</summary>
    public string? File { get; init; }
}
