namespace Mpathd.Serving;

/// <summary>What is registered and reserved. The names in JSON are only ever added to.</summary>
internal sealed record ReservationStatus
{
    /// <summary>Counts the changes of registrations.</summary>
    public required uint Generation { get; init; }

    /// <summary>To <c>pr-read-keys</c>: the keys.</summary>
    public IReadOnlyList<string>? Keys { get; init; }

    /// <summary>To <c>pr-read-reservation</c>: whether anybody has reserved.</summary>
    public bool? Reserved { get; init; }

    /// <summary>To <c>pr-read-reservation</c>: the holder's key.</summary>
    public string? Key { get; init; }

    /// <summary>To <c>pr-read-reservation</c>: what others are kept from.</summary>
    public string? Type { get; init; }
}
