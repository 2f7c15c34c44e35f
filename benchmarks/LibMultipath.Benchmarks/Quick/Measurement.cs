namespace LibMultipath.Benchmarks.Quick;

/// <summary>
/// What a comparison found for one measure and one of its peers. The names of the members are those of the JSON.
/// </summary>
/// <param name="Name">The measure.</param>
/// <param name="Ns">The median of its rounds, in nanoseconds for one operation.</param>
/// <param name="Bytes">What one operation allocates, in bytes, on average over all rounds.</param>
/// <param name="Peer">What it is compared with.</param>
/// <param name="PeerNs">The median of the peer's rounds.</param>
/// <param name="Ratio">The quotient of the two medians.</param>
internal sealed record Measurement(string Name, double Ns, double Bytes, string Peer, double PeerNs, double Ratio);
