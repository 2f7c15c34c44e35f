using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mpathd.Control;

namespace Mpathd.Nbd;

/// <summary>Where clients are listened for, as people write it: <c>unix:PATH</c>, <c>tcp:PORT</c> or <c>tcp:HOST:PORT</c>.</summary>
internal static class EndPointText
{
    /// <summary>What can be given.</summary>
    public const string Forms = "unix:PATH, tcp:PORT or tcp:HOST:PORT";

    private const string Unix = "unix:";
    private const string Tcp = "tcp:";

    /// <summary>Reads one.</summary>
    /// <param name="text">A port alone is one of the loopback, which only this machine reaches.</param>
    /// <exception cref="FormatException">It is not one; the message says what is.</exception>
    public static EndPoint Parse(string text) =>
        text.StartsWith(Unix, StringComparison.Ordinal) ? new UnixDomainSocketEndPoint(ControlPaths.Parse(text[Unix.Length..]))
        : text.StartsWith(Tcp, StringComparison.Ordinal) ? ParseTcp(text, text[Tcp.Length..])
        : throw new FormatException($"'{text}' is no place to listen at; give {Forms}, such as unix:/run/mpathd/disk.nbd or tcp:10809");

    /// <summary>Writes one as <see cref="Parse"/> reads it.</summary>
    public static string Format(EndPoint endPoint) => endPoint is UnixDomainSocketEndPoint ? $"{Unix}{endPoint}" : $"{Tcp}{endPoint}";

    private static IPEndPoint ParseTcp(string text, string place)
    {
        int colon = place.LastIndexOf(':');
        IPAddress host = colon < 0 ? IPAddress.Loopback : ParseHost(text, place[..colon]);
        return ushort.TryParse(place[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            ? new IPEndPoint(host, port)
            : throw new FormatException($"'{text}': there is no port '{place[(colon + 1)..]}'; give 0 (any that is free) to 65535, such as 10809");
    }

    // An address with colons is in brackets, or nobody could tell where its port begins.
    private static IPAddress ParseHost(string text, string host)
    {
        bool bracketed = host is ['[', .., ']'];
        return host == "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(bracketed ? host[1..^1] : host, out IPAddress? address) && bracketed == (address.AddressFamily == AddressFamily.InterNetworkV6) ? address
            : throw new FormatException($"'{text}': '{host}' is no address; give one of this machine, such as 192.0.2.1 or [2001:db8::1], or 0.0.0.0 for all of them");
    }
}
