using System.Net;
using System.Numerics;
using LibMultipath.Nbd.Protocol;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Nbd.Server;

/// <summary>Where a server listens, and how much its clients may take of it.</summary>
public sealed record NbdServerOptions
{
    private const long LeastBytes = 1024 * 1024;

    /// <summary>
    /// A <see cref="System.Net.Sockets.UnixDomainSocketEndPoint"/> or an <see cref="IPEndPoint"/>. The file of a Unix socket
    /// is for this user alone. On TCP whoever reaches the port reads and writes the disks: stay on the loopback address, or
    /// give <see cref="Tls"/> that verifies clients.
    /// </summary>
    public required EndPoint EndPoint { get; init; }

    /// <summary>With it, clients must use TLS; null for none.</summary>
    public NbdTls? Tls { get; init; }

    /// <summary>
    /// How many clients may use an export at a time, at least 1; 64 by default. As many others may be in their handshake:
    /// of more, the one that began first has to go.
    /// </summary>
    public int MaxConnections { get; init; } = 64;

    /// <summary>How many requests of a connection are under way at a time, at least 1; 128 by default. Further ones are not read.</summary>
    public int MaxRequests { get; init; } = 128;

    /// <summary>
    /// How many bytes of data are under way at a time, of all connections: at least 1 MiB; 256 MiB by default. What does not
    /// fit waits its turn. One connection has at most half of it, unless a single request needs more. The longest request is
    /// 32 MiB, and shorter if that does not fit.
    /// </summary>
    public long MaxBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>How long a handshake may take in all, that of TLS included; 10 s by default.</summary>
    public TimeSpan HandshakeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a request that is begun, or an answer, may take to move on by 64 KiB or to its end; 30 s by default. The
    /// disk's own time does not count.
    /// </summary>
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client must have asked nothing before it may have to make room when all connections are taken; 5 min by default.</summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Where the server logs; null for nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>The clock; null for the machine's.</summary>
    public TimeProvider? TimeProvider { get; init; }

    /// <summary>The longest read or write, in bytes: a power of two.</summary>
    internal int MaxPayload => MaxBytes >= NbdSizes.Payload ? NbdSizes.Payload : (int)BitOperations.RoundUpToPowerOf2((uint)MaxBytes + 1) / 2;

    /// <summary>Refuses what makes no sense.</summary>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(EndPoint);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRequests, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, LeastBytes);
        ThrowIfNoLimit(HandshakeLimit, nameof(HandshakeLimit));
        ThrowIfNoLimit(StallLimit, nameof(StallLimit));
        ThrowIfNoLimit(IdleLimit, nameof(IdleLimit));
    }

    private static void ThrowIfNoLimit(TimeSpan limit, string name)
    {
        if (limit <= TimeSpan.Zero && limit != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name, limit, "A limit of time is above zero, or Timeout.InfiniteTimeSpan for none.");
        }
    }
}
