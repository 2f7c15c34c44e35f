using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>
/// What a selector sees of a path, to be read only. Every member of the one that is none (<c>default</c>) is what a path
/// that cannot be used would have.
/// </summary>
public readonly struct PathView : IEquatable<PathView>
{
    internal PathView(MpathDevice path) => Path = path;

    /// <summary>Whether there is no path.</summary>
    public bool IsNone => Path is null;

    /// <summary>The id of its controller (<c>cntlid</c>); -1 for none.</summary>
    public int ControllerId => Path?.Controller.Id ?? -1;

    /// <summary>Whether it may be chosen: enabled, and optimized or non-optimized.</summary>
    public bool IsUsable => Path is { IsUsable: true };

    /// <summary>Whether it may be chosen and is optimized.</summary>
    public bool IsOptimized => Path is { State: PathState.UsableOptimized };

    /// <summary>Its access state.</summary>
    public MpathAccessState AccessState => Path?.AccessState ?? MpathAccessState.Other;

    /// <summary>I/Os in flight through its controller; kept while a selector or policy <see cref="SelectorNeeds.Load">needs</see> it.</summary>
    public int Load => Path?.Controller.ActiveCount ?? 0;

    /// <summary>How long I/O takes; measured while a selector <see cref="SelectorNeeds.Latency">needs</see> it.</summary>
    public PathLatency Latency => Path?.Latency ?? default;

    /// <summary>The node it is near to, or <see cref="Topology.NumaNode.None"/>.</summary>
    public int NumaNode => Path?.NumaNode ?? Topology.NumaNode.None;

    /// <summary>How much of the I/O it should get, next to the others.</summary>
    public int Weight => Path?.Weight ?? 0;

    /// <summary>
    /// A small number, from 0, that no other path of any head has: a place for what a selector keeps of each. Another path may
    /// have it when this one was removed. -1 for none.
    /// </summary>
    public int Slot => Path?.Place.Place ?? -1;

    /// <summary>A number that no path with the same <see cref="Slot"/> had before; 0 for none.</summary>
    internal long Serial => Path?.Place.Serial ?? 0;

    internal MpathDevice? Path { get; }

    /// <summary>Whether both are the same path.</summary>
    public static bool operator ==(PathView left, PathView right) => left.Equals(right);

    /// <summary>Whether they are not the same path.</summary>
    public static bool operator !=(PathView left, PathView right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(PathView other) => ReferenceEquals(Path, other.Path);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PathView other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Path?.GetHashCode() ?? 0;

    /// <inheritdoc/>
    public override string ToString() => Path?.ToString() ?? "no path";
}
