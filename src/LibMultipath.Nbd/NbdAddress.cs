using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LibMultipath.Nbd;

/// <summary>Where an NBD server is, and which of its exports is meant.</summary>
/// <remarks>
/// As text it is a URI of the NBD project (<c>nbd://host:port/export</c>, <c>nbd+unix:///export?socket=/path</c>, <c>nbds</c>
/// and <c>nbds+unix</c> with TLS), or for short <c>unix:/path</c> and <c>tcp:host:port</c>.
/// </remarks>
public sealed record NbdAddress
{
    /// <summary>The port of NBD servers (IANA).</summary>
    public const int DefaultPort = 10809;

    /// <summary>The longest name of an export, in bytes of UTF-8.</summary>
    public const int MaxNameLength = 4096;

    /// <summary>The longest path of a Unix socket, in bytes of UTF-8: sun_path has room for that and the zero at its end.</summary>
    internal const int MaxSocketPath = 107;

    /// <summary>What a text has to be.</summary>
    internal const string Forms = "nbd://HOST[:PORT][/EXPORT], nbds://…, nbd+unix:///[EXPORT]?socket=PATH, nbds+unix://…, unix:PATH or tcp:HOST:PORT";

    /// <summary>Makes an address.</summary>
    /// <param name="endPoint">A <see cref="UnixDomainSocketEndPoint"/>, <see cref="IPEndPoint"/> or <see cref="DnsEndPoint"/>.</param>
    /// <exception cref="ArgumentException">It is of another kind.</exception>
    public NbdAddress(EndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        if (endPoint is not (UnixDomainSocketEndPoint or IPEndPoint or DnsEndPoint))
        {
            throw new ArgumentException($"{endPoint} is neither a Unix socket nor a TCP address.", nameof(endPoint));
        }

        EndPoint = endPoint;
    }

    /// <summary>Where it is.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>Which export; empty for the default one.</summary>
    public string ExportName { get; init; } = "";

    /// <summary>Whether the connection is encrypted.</summary>
    public bool UsesTls { get; init; }

    /// <summary>The host, as a certificate names it; "localhost" for a Unix socket.</summary>
    public string Host => EndPoint switch
    {
        DnsEndPoint dns => dns.Host,
        IPEndPoint ip => ip.Address.ToString(),
        _ => "localhost",
    };

    /// <summary>Reads an address.</summary>
    /// <param name="text">A URI, or one of the short forms.</param>
    /// <exception cref="FormatException">It is none; the message says what is wrong, and what to give.</exception>
    public static NbdAddress Parse(string text) => TryParse(text, out NbdAddress? address, out string? error) ? address : throw new FormatException(error);

    /// <summary>Reads an address.</summary>
    /// <param name="text">A URI, or one of the short forms.</param>
    /// <param name="address">The address.</param>
    /// <param name="error">What is wrong, and what to give.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out NbdAddress? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        error = null;
        text ??= "";
        if (text.StartsWith("unix:", StringComparison.Ordinal))
        {
            error = ProblemOfPath(text, text[5..]);
            address = error is null ? new NbdAddress(new UnixDomainSocketEndPoint(text[5..])) : null;
        }
        else if (text.StartsWith("tcp:", StringComparison.Ordinal))
        {
            int colon = text.LastIndexOf(':');
            error = colon <= 4 ? $"'{text}' has no host and port; give tcp:HOST:PORT, such as tcp:localhost:{DefaultPort}" : null;
            address = error is null && TryPort(text, text[(colon + 1)..], out int port, ref error)
                ? new NbdAddress(EndPointOf(text[4..colon].Trim('[', ']'), port))
                : null;
        }
        else if (text.Contains("://", StringComparison.Ordinal))
        {
            address = ParseUri(text, ref error);
        }
        else
        {
            error = $"'{text}' is no address of an NBD server; give {Forms}";
        }

        if (address is not null && Encoding.UTF8.GetByteCount(address.ExportName) > MaxNameLength)
        {
            error = $"the export name in '{text[..40]}…' is longer than {MaxNameLength} bytes";
            address = null;
        }

        return address is not null;
    }

    /// <summary>The URI.</summary>
    public override string ToString()
    {
        string scheme = UsesTls ? "nbds" : "nbd";
        string export = Uri.EscapeDataString(ExportName);
        return EndPoint switch
        {
            UnixDomainSocketEndPoint unix => $"{scheme}+unix:///{export}?socket={Uri.EscapeDataString(unix.ToString()).Replace("%2F", "/", StringComparison.Ordinal)}",
            IPEndPoint ip => string.Create(CultureInfo.InvariantCulture, $"{scheme}://{ip}{(export.Length > 0 ? "/" : "")}{export}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{scheme}://{((DnsEndPoint)EndPoint).Host}:{((DnsEndPoint)EndPoint).Port}{(export.Length > 0 ? "/" : "")}{export}"),
        };
    }

    private static NbdAddress? ParseUri(string text, ref string? error)
    {
        int end = text.IndexOf("://", StringComparison.Ordinal);
        string scheme = text[..end];
        if (scheme is not ("nbd" or "nbds" or "nbd+unix" or "nbds+unix"))
        {
            error = $"'{text}' has the scheme '{scheme}'; give {Forms}";
            return null;
        }

        string rest = text[(end + 3)..];
        int question = rest.IndexOf('?', StringComparison.Ordinal);
        string query = question < 0 ? "" : rest[(question + 1)..];
        rest = question < 0 ? rest : rest[..question];
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        string authority = slash < 0 ? rest : rest[..slash];
        string export = slash < 0 ? "" : Uri.UnescapeDataString(rest[(slash + 1)..]);
        EndPoint? endPoint = scheme.EndsWith("+unix", StringComparison.Ordinal)
            ? UnixEndPointOf(text, authority, query, ref error)
            : TcpEndPointOf(text, authority, query, ref error);
        return endPoint is null ? null : new NbdAddress(endPoint) { ExportName = export, UsesTls = scheme.StartsWith("nbds", StringComparison.Ordinal) };
    }

    private static UnixDomainSocketEndPoint? UnixEndPointOf(string text, string authority, string query, ref string? error)
    {
        const string Socket = "socket=";
        string[] parts = query.Split('&', StringSplitOptions.RemoveEmptyEntries);
        if (authority.Length > 0 || parts.Length != 1 || !parts[0].StartsWith(Socket, StringComparison.Ordinal))
        {
            error = $"'{text}' does not say where the socket is; give nbd+unix:///[EXPORT]?socket=PATH, such as nbd+unix:///?socket=/run/nbd.sock";
            return null;
        }

        string path = Uri.UnescapeDataString(parts[0][Socket.Length..]);
        error = ProblemOfPath(text, path);
        return error is null ? new UnixDomainSocketEndPoint(path) : null;
    }

    private static EndPoint? TcpEndPointOf(string text, string authority, string query, ref string? error)
    {
        if (query.Length > 0)
        {
            error = $"'{text}' has a query, '{query}', that is not known for TCP; leave it out";
            return null;
        }

        int bracket = authority.LastIndexOf(']');
        int colon = authority.LastIndexOf(':');
        string host = colon > bracket ? authority[..colon] : authority;
        int port = DefaultPort;
        if (host.Length == 0 || host.Contains('@', StringComparison.Ordinal))
        {
            error = $"'{text}' names no host; give nbd://HOST[:PORT][/EXPORT], such as nbd://localhost";
            return null;
        }

        return colon <= bracket || TryPort(text, authority[(colon + 1)..], out port, ref error) ? EndPointOf(host.Trim('[', ']'), port) : null;
    }

    private static EndPoint EndPointOf(string host, int port) =>
        IPAddress.TryParse(host, out IPAddress? address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port);

    private static bool TryPort(string text, string value, out int port, ref string? error)
    {
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= ushort.MaxValue)
        {
            return true;
        }

        error = $"'{text}': port '{value}' is out of range; give 1 to 65535, such as {DefaultPort}";
        return false;
    }

    private static string? ProblemOfPath(string text, string path) =>
        path.Length == 0 || path.Contains('\0', StringComparison.Ordinal) ? $"'{text}' names no socket; give unix:PATH, such as unix:/run/nbd.sock"
        : Encoding.UTF8.GetByteCount(path) > MaxSocketPath ? $"'{text}': the path of a Unix socket has at most {MaxSocketPath} bytes, this one {Encoding.UTF8.GetByteCount(path)}; use a shorter one"
        : null;
}
