namespace Mpathd.Feeding;

/// <summary>What the daemon says to a feed: a line for a record that was refused, and one at the end. Its names are only ever added to.</summary>
internal sealed record FeedReport
{
    /// <summary>Of a record that was refused: its tag.</summary>
    public ulong? Tag { get; init; }

    /// <summary>Why; or why the feed was ended.</summary>
    public string? Problem { get; init; }

    /// <summary>At the end: how many records were applied.</summary>
    public long? Applied { get; init; }

    /// <summary>At the end: how many were refused.</summary>
    public long? Refused { get; init; }
}
