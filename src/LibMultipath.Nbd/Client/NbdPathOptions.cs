using Microsoft.Extensions.Logging;

namespace LibMultipath.Nbd.Client;

/// <summary>How a path reaches its server, and how long it is patient.</summary>
public sealed record NbdPathOptions
{
    /// <summary>The server and the export.</summary>
    public required NbdAddress Address { get; init; }

    /// <summary>Whom to trust, and who one is, when the address asks for TLS.</summary>
    public NbdTls? Tls { get; init; }

    /// <summary>Whether writes are refused. A server that refuses them is only taken with this.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>How long connecting and negotiating may take together; 10 s unless given.</summary>
    public TimeSpan HandshakeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request may take before the server counts as hanging, and the connection is given up; 30 s unless given.</summary>
    public TimeSpan IoTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a write that was under way on a lost connection waits, at most, before another path gets it; 30 s unless
    /// given. It waits until the server is known to be gone: it refuses a connection, or its process has ended. A server that
    /// hangs for longer than this, and then goes on, may carry the write out after a newer one.
    /// </summary>
    public TimeSpan AbortTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where the path logs; null for nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>The clock and the timers; null for the system's.</summary>
    public TimeProvider? TimeProvider { get; init; }
}
