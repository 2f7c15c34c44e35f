namespace Mpathd.Serving;

/// <summary>An NBD export that is served, at one moment. Part of the answer to <c>status</c>: its names are only ever added to.</summary>
internal sealed record NbdHostStatus
{
    /// <summary>What clients are given, such as <c>nbd+unix:///?socket=/run/mpathd/nbd.sock</c>.</summary>
    public required string Uri { get; init; }

    /// <summary>Where it listens, as <c>--nbd</c> takes it.</summary>
    public required string Address { get; init; }

    /// <summary>The name of the export; empty for the default one.</summary>
    public required string Export { get; init; }

    /// <summary>Whether clients have to use TLS.</summary>
    public bool Tls { get; init; }

    /// <summary>How many clients are connected, each with as many connections as it has.</summary>
    public required int Connections { get; init; }

    /// <summary>How many may be.</summary>
    public required int MaxConnections { get; init; }
}
