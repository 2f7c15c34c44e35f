using System.Net;

namespace Mpathd.Nbd;

/// <summary>What people type to use an export.</summary>
internal static class NbdClients
{
    /// <summary>A command line that makes it a block device of the client's machine, and one that shows what it is.</summary>
    /// <param name="place">Where it listens.</param>
    /// <param name="options">How it is.</param>
    /// <param name="uri">Its URI.</param>
    public static IReadOnlyList<string> Of(EndPoint place, NbdHostOptions options, string uri)
    {
        string where = place is IPEndPoint tcp ? $"{HostOf(tcp)} {tcp.Port} /dev/nbd0" : $"-unix {Quoted(place.ToString()!)} /dev/nbd0";
        string name = options.Name.Length == 0 ? "" : $" -N {Quoted(options.Name)}";

        // A client's own files, by the names that they usually have.
        string tls = options.VerifiesClients ? " -x -F client-cert.pem -K client-key.pem" : options.Certificates is null ? "" : " -x";
        return [$"nbd-client {where}{name}{tls}", $"nbdinfo {Quoted(uri)}"];
    }

    // Who listens everywhere is here too.
    private static string HostOf(IPEndPoint place) =>
        place.Address.Equals(IPAddress.Any) || place.Address.Equals(IPAddress.IPv6Any) ? "localhost" : $"{place.Address}";

    private static string Quoted(string word) =>
        word.All(each => char.IsAsciiLetterOrDigit(each) || each is '/' or '.' or '-' or '_') ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
