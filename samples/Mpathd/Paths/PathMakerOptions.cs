using Microsoft.Extensions.Logging;

namespace Mpathd.Paths;

/// <summary>How paths are made, of whatever kind they are.</summary>
internal sealed record PathMakerOptions
{
    /// <summary>Whether the path is only read.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>What a path that leads somewhere has to lead to, as <see cref="ManagedPath.Identity"/>; null for any.</summary>
    public string? Expected { get; init; }

    /// <summary>Whether what it leads to must be there; if not, and its kind can do without, the path joins when it is.</summary>
    public bool MustConnect { get; init; } = true;

    /// <summary>Where the driver logs.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>Gives up waiting for what it leads to.</summary>
    public CancellationToken Cancellation { get; init; }
}
