using System.Text.Json.Serialization;

namespace Mpathd.Control;

/// <summary>Of the verbs on persistent reservations. Keys are text, decimal or with 0x, because many readers of JSON round large numbers.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ReservationRequest
{
    /// <summary>The key: of <c>pr-register</c> the new one, of <c>pr-preempt</c> that of those who lose theirs.</summary>
    public string? Key { get; init; }

    /// <summary>The key that the disk is registered with: of <c>pr-register</c> and <c>pr-preempt</c>.</summary>
    public string? OldKey { get; init; }

    /// <summary>Of <c>pr-reserve</c>, <c>pr-release</c> and <c>pr-preempt</c>: what others are kept from.</summary>
    public string? Type { get; init; }

    /// <summary>Of <c>pr-register</c>: whether the key that is registered may be any.</summary>
    public bool? Ignore { get; init; }

    /// <summary>Of <c>pr-preempt</c>: whether the commands of those who lose their key are aborted.</summary>
    public bool? Abort { get; init; }
}
