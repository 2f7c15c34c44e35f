using System.Text.Json.Serialization;

namespace Mpathd.Control;

/// <summary>What a client asks the daemon for: one line of JSON. What the daemon does not know, it refuses rather than leaves out.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ControlRequest
{
    /// <summary>The version of the protocol that is spoken here.</summary>
    public const int CurrentVersion = 1;

    public int Version { get; init; }

    /// <summary>One of <see cref="ControlVerbs"/>.</summary>
    public string? Verb { get; init; }

    /// <summary>Of <c>path-add</c>: the SPEC; its file is a full path.</summary>
    public string? Spec { get; init; }

    /// <summary>Of the other verbs on paths: the number or the name.</summary>
    public string? Path { get; init; }

    /// <summary>Of <c>path-set-state</c>: optimized, non-optimized or inaccessible.</summary>
    public string? State { get; init; }

    /// <summary>Of <c>policy</c>: the name.</summary>
    public string? Policy { get; init; }

    /// <summary>Of <c>resize</c>: in bytes.</summary>
    public long? Size { get; init; }

    /// <summary>Of <c>status</c>: whether the attributes are wanted too.</summary>
    public bool? Tree { get; init; }

    /// <summary>Of <c>get</c> and <c>set</c>: the full name of an attribute.</summary>
    public string? Name { get; init; }

    /// <summary>Of <c>set</c>: what it is set to.</summary>
    public string? Value { get; init; }

    /// <summary>Of the verbs on persistent reservations.</summary>
    public ReservationRequest? Reservation { get; init; }

    /// <summary>Of <c>trace</c>: the names of hook points; without them, those that not every I/O comes to.</summary>
    public IReadOnlyList<string>? Points { get; init; }

    /// <summary>Of the verbs on selectors.</summary>
    public SelectorRequest? Selector { get; init; }
}
