namespace LibMultipath.Reclamation;

/// <summary>
/// A point in the life of one <see cref="SrcuDomain"/>: <see cref="SrcuDomain.Poll"/> tells whether a
/// full grace period has passed since. What the kernel keeps in the <c>unsigned long</c> cookie of
/// <c>get_state_synchronize_srcu</c>.
/// </summary>
/// <remarks>
/// Two states are equal when the same grace period satisfies both. The default value is a state for
/// which a grace period has always passed. A state means nothing to another domain.
/// </remarks>
public readonly struct SrcuState : IEquatable<SrcuState>
{
    internal SrcuState(long gracePeriod) => GracePeriod = gracePeriod;

    /// <summary>The number of the first grace period that begins after the state was taken.</summary>
    internal long GracePeriod { get; }

    /// <inheritdoc/>
    public bool Equals(SrcuState other) => GracePeriod == other.GracePeriod;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SrcuState other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => GracePeriod.GetHashCode();

    /// <summary>Whether the same grace period satisfies both states.</summary>
    public static bool operator ==(SrcuState left, SrcuState right) => left.Equals(right);

    /// <summary>Whether the states need different grace periods.</summary>
    public static bool operator !=(SrcuState left, SrcuState right) => !left.Equals(right);
}
