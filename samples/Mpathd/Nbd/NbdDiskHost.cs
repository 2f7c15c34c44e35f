using System.Net;
using System.Net.Sockets;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Nbd;
using LibMultipath.Nbd.Server;
using Microsoft.Extensions.Logging;
using Mpathd.Serving;

namespace Mpathd.Nbd;

/// <summary>Exports a disk over NBD.</summary>
internal sealed class NbdDiskHost : IDiskHost
{
    private readonly NbdServer _server;
    private readonly NbdHostOptions _options;
    private readonly int _maxConnections;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NbdDiskHost(NbdServer server, NbdHostOptions options, int maxConnections)
    {
        _server = server;
        _options = options;
        _maxConnections = maxConnections;
        Name = server.AddressOf(options.Name).ToString();
    }

    public string Name { get; }

    public IReadOnlyList<string> Clients => NbdClients.Of(_server.LocalEndPoint, _options, Name);

    public string LastResort => "see which path does not answer; its clients have lost their connections";

    public Task Ended => _ended.Task;

    public bool CanResize => true;

    public string? WhenResized => "NBD clients see it when they connect anew";

    /// <summary>What makes such hosts.</summary>
    /// <param name="options">How the disk is exported.</param>
    /// <param name="logger">Where they log.</param>
    public static DiskHostStart Starter(NbdHostOptions options, ILogger logger) => (disk, _, serve, _) => Start(disk, options, serve.ReadOnly, logger);

    /// <summary>Exports a disk.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="options">How.</param>
    /// <param name="readOnly">Whether writes are refused.</param>
    /// <param name="logger">Where it logs.</param>
    /// <exception cref="MpathdException">It cannot be exported there, or not at all.</exception>
    public static NbdDiskHost Start(MpathDisk disk, NbdHostOptions options, bool readOnly, ILogger logger)
    {
        NbdServer? server = null;
        try
        {
            var export = new NbdExport(options.Name, disk, readOnly: readOnly);
            var how = new NbdServerOptions
            {
                EndPoint = options.EndPoint,
                Tls = TlsOf(options),
                Logger = logger,
            };
            server = NbdServer.Start(how);
            server.Add(export);
            if (how.Tls is null && options.EndPoint is IPEndPoint { Address: var address } && !IPAddress.IsLoopback(address))
            {
                logger.LogWarning("whoever reaches {Place} can read and write the disk, and who listens on the way can read along; give --nbd-tls-certificates", EndPointText.Format(server.LocalEndPoint));
            }

            return new NbdDiskHost(server, options, how.MaxConnections);
        }
        catch (Exception exception) when (exception is BlockException or ArgumentException or NotSupportedException)
        {
            server?.Dispose();
            throw Problem(exception, options);
        }
    }

    public bool FollowSize() => true;

    public ServiceStatus Describe(ServiceStatus status) => status with
    {
        Nbd = new NbdHostStatus
        {
            Uri = Name,
            Address = EndPointText.Format(_server.LocalEndPoint),
            Export = _options.Name,
            Tls = _options.Certificates is not null,
            Connections = _server.ConnectionCount,
            MaxConnections = _maxConnections,
        },
    };

    public void Stop(TimeSpan limit)
    {
        bool ended = _server.StopAsync(limit).GetAwaiter().GetResult();
        _ended.TrySetResult();
        if (!ended)
        {
            throw MpathdException.Failed(
                $"{Name} has gone before the I/O of its clients has ended, after {limit.TotalSeconds:0} s: that I/O has failed", "see which path does not answer");
        }
    }

    public string? Leave(TimeSpan limit)
    {
        Stop(limit);
        return null;
    }

    public void Dispose() => _server.Dispose();

    private static NbdTls? TlsOf(NbdHostOptions options)
    {
        try
        {
            return options.Certificates is { } folder ? NbdTls.ForServer(folder, options.VerifiesClients) : null;
        }
        catch (BlockException exception)
        {
            throw MpathdException.SystemLacks(
                exception.Message, $"give --nbd-tls-certificates a folder of {NbdHostOptions.FilesOf(options.VerifiesClients)}", exception);
        }
    }

    private static MpathdException Problem(Exception exception, NbdHostOptions options) => exception switch
    {
        BlockException { Errno: Errno.EADDRINUSE } => MpathdException.SystemLacks(exception.Message, "end that server, or give another place with --nbd", exception),
        BlockException block => MpathdException.SystemLacks(
            block.Message,
            options.EndPoint is UnixDomainSocketEndPoint ? "give --nbd unix:PATH with a path in a folder that exists and that you may write" : "give --nbd tcp:HOST:PORT with an address of this machine, and a port that you may use",
            block),
        NotSupportedException => MpathdException.SystemLacks(exception.Message, "serve it with --ublk", exception),
        _ => MpathdException.WrongArguments(exception.Message, "mpathd serve --help shows what there is, with examples"),
    };
}
