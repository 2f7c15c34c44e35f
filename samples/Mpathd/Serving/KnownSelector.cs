namespace Mpathd.Serving;

/// <summary>A selector that can be named. The names in JSON are only ever added to.</summary>
internal sealed record KnownSelector
{
    /// <summary>As policies and <c>selector attach</c> name it.</summary>
    public required string Name { get; init; }

    /// <summary>What it chooses.</summary>
    public required string Summary { get; init; }

    /// <summary>What can be said of it, as <c>KEY=DEFAULT</c>, each with what it is.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }

    /// <summary>The assembly that it was loaded from.</summary>
    public string? File { get; init; }
}
