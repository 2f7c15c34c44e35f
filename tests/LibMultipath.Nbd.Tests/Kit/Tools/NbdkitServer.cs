using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LibMultipath.Nbd.Tests.Kit.Tools;

/// <summary>An nbdkit of the test's. It does not run before <see cref="ServerProcess.Start"/>.</summary>
internal sealed class NbdkitServer : ServerProcess
{
    private readonly NbdkitOptions _options;

    public NbdkitServer(TempFolder folder, string name, NbdkitOptions options)
        : base(folder, name)
    {
        _options = options;
        if (options.Tcp)
        {
            Port = FreePort();
        }
        else
        {
            Socket = folder[$"{name}.sock"];
        }
    }

    public override string? Socket { get; }

    /// <summary>The port of 127.0.0.1 that it listens on, and comes back to; 0 if it has a socket.</summary>
    public int Port { get; }

    protected override string Program => "nbdkit";

    protected override IEnumerable<string> Arguments =>
    [
        "--foreground", "--pidfile", PidFile, "--log", "stderr",
        .. Socket is { } socket ? ["--unix", socket] : (string[])["--ipaddr", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture)],
        .. _options.Filters.Select(filter => $"--filter={filter}"),
        .. _options.SingleThreaded ? ["--threads", "1"] : (string[])[],
        .. _options.ReadOnly ? ["--readonly"] : (string[])[],
        .. _options.StructuredReplies ? [] : (string[])["--no-sr"],
        .. _options.Tls is { } tls ? ["--tls=require", $"--tls-certificates={tls}"] : (string[])["--tls=off"],
        .. _options.VerifyPeer ? ["--tls-verify-peer"] : (string[])[],
        _options.Plugin,
        .. _options.Parameters,
    ];

    /// <summary>A server of so much memory.</summary>
    public static NbdkitServer Memory(TempFolder folder, string name, string size = "16M", NbdkitOptions? options = null) =>
        Started(new NbdkitServer(folder, name, (options ?? new NbdkitOptions()) with { Parameters = [size, .. options?.Parameters ?? []] }));

    /// <summary>A server of a file.</summary>
    public static NbdkitServer File(TempFolder folder, string name, string file, NbdkitOptions? options = null) =>
        Started(new NbdkitServer(folder, name, (options ?? new NbdkitOptions()) with { Plugin = "file", Parameters = [file, .. options?.Parameters ?? []] }));

    private static NbdkitServer Started(NbdkitServer server)
    {
        server.Start();
        return server;
    }

    // Somebody else may take it before the server does; the test then fails, and says so.
    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
