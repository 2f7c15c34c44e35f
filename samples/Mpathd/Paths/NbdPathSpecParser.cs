using System.Text;
using LibMultipath.Nbd;
using LibMultipath.Paths;

namespace Mpathd.Paths;

/// <summary>Reads the part of what <c>--path</c> is given that is a path to an NBD server.</summary>
internal static class NbdPathSpecParser
{
    /// <summary>What can be given.</summary>
    public const string Form = "nbd:unix:PATH|nbd:tcp:HOST:PORT[,name=EXPORT], nbd://HOST[:PORT][/EXPORT], nbds://…, nbd+unix:///[EXPORT]?socket=PATH or nbds+unix://…, each with [,tls-certificates=DIR][,reconnect=10s][,fast-fail=5s|off][,loss=600s|off][,state=S][,node=N]";

    private const string Short = "nbd:";
    private const string Off = "off";
    private const string Give = "tls-certificates=DIR, reconnect=10s, fast-fail=5s, loss=600s, state=S or node=N (a comma is %2C in a URI)";

    private static readonly string[] s_schemes = ["nbd://", "nbds://", "nbd+unix://", "nbds+unix://"];
    private static readonly string[] s_options = ["tls-certificates=", "reconnect=", "fast-fail=", "loss=", "state=", "node="];

    /// <summary>Whether a SPEC begins as one of these does.</summary>
    public static bool Covers(string text) => text.StartsWith(Short, StringComparison.Ordinal) || IsUri(text);

    /// <summary>Reads one.</summary>
    /// <param name="text">One that is covered.</param>
    /// <exception cref="FormatException">It is not one; the message says what is wrong and what to give.</exception>
    public static NbdPathSpec Parse(string text)
    {
        bool isUri = IsUri(text);
        string[] parts = text.Split(',');
        string[] names = isUri ? s_options : ["name=", .. s_options];
        var options = new SpecOptions(text, parts.AsSpan(1), names, ("nbd", isUri ? Give : $"name=EXPORT, {Give}"));
        NbdAddress address = AddressOf(text, isUri ? parts[0] : parts[0][Short.Length..], isUri);
        if (options.Text("name") is { } name)
        {
            address = address with { ExportName = NameOf(text, name) };
        }

        string? certificates = options.Text("tls-certificates");
        if (certificates is null or "" && (address.UsesTls || certificates is not null))
        {
            throw new FormatException($"'{text}' names no certificates; give tls-certificates=DIR, the folder of ca-cert.pem");
        }

        var times = new FailureTimes
        {
            ReconnectDelay = options.Of("reconnect", (text, value) =>
                SpecValues.ParseDuration(text, ("reconnect", value), TimeSpan.FromMilliseconds(1), FailureTimes.Longest, "10s")),
            FastIoFail = options.Of("fast-fail", (text, value) => TimeOf(text, ("fast-fail", value), "5s")),
            Loss = options.Of("loss", (text, value) => TimeOf(text, ("loss", value), "600s")),
        };
        return new NbdPathSpec(
            address with { UsesTls = certificates is not null },
            certificates,
            times,
            options.Of("state", (text, value) => SpecValues.Within(text, "state", value, AccessStateText.Parse)),
            SpecValues.NodeOf(options));
    }

    /// <summary>Writes one as <see cref="Parse"/> reads it, for a process that may be somewhere else.</summary>
    public static string Format(NbdPathSpec spec, Func<string, string> fullName)
    {
        NbdAddress address = spec.Address;
        if (address.EndPoint is System.Net.Sockets.UnixDomainSocketEndPoint socket)
        {
            address = new NbdAddress(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.GetFullPath(socket.ToString())))
            {
                ExportName = address.ExportName,
                UsesTls = address.UsesTls,
            };
        }

        var text = new StringBuilder(address.ToString().Replace(",", "%2C", StringComparison.Ordinal));
        Add(text, "tls-certificates", spec.Certificates is { } folder ? fullName(folder) : null);
        Add(text, "reconnect", Written(spec.Times.ReconnectDelay));
        Add(text, "fast-fail", Written(spec.Times.FastIoFail));
        Add(text, "loss", Written(spec.Times.Loss));
        Add(text, "state", spec.State is { } state ? AccessStateText.Format(state) : null);
        return text.ToString();
    }

    private static bool IsUri(string text) => Array.Exists(s_schemes, scheme => text.StartsWith(scheme, StringComparison.Ordinal));

    private static NbdAddress AddressOf(string text, string address, bool isUri)
    {
        if (!isUri && !address.StartsWith("unix:", StringComparison.Ordinal) && !address.StartsWith("tcp:", StringComparison.Ordinal))
        {
            throw new FormatException($"'{text}' names no server; give nbd:unix:PATH, nbd:tcp:HOST:PORT or nbd://HOST, such as nbd:unix:/run/nbd.sock");
        }

        return NbdAddress.TryParse(address, out NbdAddress? parsed, out string? error) ? parsed : throw new FormatException($"'{text}': {error}");
    }

    private static string NameOf(string text, string name) => Encoding.UTF8.GetByteCount(name) <= NbdAddress.MaxNameLength && !name.Contains('\0')
        ? name
        : throw new FormatException($"'{text}': the name of an export has at most {NbdAddress.MaxNameLength} bytes and no zero; give name=disk, or none for the default one");

    private static TimeSpan TimeOf(string text, (string Name, string Value) option, string example) => option.Value == Off
        ? Timeout.InfiniteTimeSpan
        : SpecValues.ParseDuration(text, option, TimeSpan.Zero, FailureTimes.Longest, $"{example}, or {Off}");

    private static string? Written(TimeSpan? time) => time is not { } value ? null : value == Timeout.InfiniteTimeSpan ? Off : DurationText.Format(value);

    private static void Add(StringBuilder text, string name, string? value)
    {
        if (value is not null)
        {
            text.Append(',').Append(name).Append('=').Append(value);
        }
    }
}
