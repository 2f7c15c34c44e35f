namespace LibMultipath.Reservations;

/// <summary>Who is registered (<c>struct pr_keys</c>).</summary>
/// <param name="Generation">Counts the changes of registrations (PRGENERATION); it wraps.</param>
/// <param name="Keys">The keys, as many as were read.</param>
/// <param name="Count">How many keys there are.</param>
public sealed record PrKeys(uint Generation, IReadOnlyList<ulong> Keys, int Count)
{
    /// <summary>All the keys there are.</summary>
    public PrKeys(uint generation, IReadOnlyList<ulong> keys)
        : this(generation, keys, keys?.Count ?? throw new ArgumentNullException(nameof(keys)))
    {
    }
}
