using System.Net;
using System.Net.Sockets;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Nbd.Server;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Tools;
using LibMultipath.Paths;

namespace LibMultipath.Nbd.Tests.Kit.Rig;

/// <summary>A head disk over two paths to memory, and a server that exports it under the name "disk".</summary>
internal sealed class ExportRig : IDisposable
{
    public const string Name = "disk";

    private readonly string? _socket;

    public ExportRig(TempFolder folder, int size = 16 << 20, Func<NbdServerOptions, NbdServerOptions>? with = null, QueueLimits? limits = null, bool tcp = false, bool readOnly = false, string socket = "export.sock")
    {
        Memory = new byte[size];
        Head = new MpathHead("head", new MemoryTemplate());
        Disk = new MpathDisk(Head);
        Paths = [new MemoryPath("path0", Memory, limits), new MemoryPath("path1", Memory, limits)];
        Devices = [.. Paths.Select((path, id) => new MpathDevice(new MpathController(id), path))];
        foreach (MpathDevice path in Devices)
        {
            Head.Add(path);
            path.SetLive();
        }

        _socket = tcp ? null : folder[socket];
        var options = new NbdServerOptions { EndPoint = tcp ? new IPEndPoint(IPAddress.Loopback, 0) : new UnixDomainSocketEndPoint(_socket!) };
        Server = NbdServer.Start(with is null ? options : with(options));
        Server.Add(new NbdExport(Name, Disk, "a disk of the tests", readOnly));
    }

    public byte[] Memory { get; }

    public MpathHead Head { get; }

    public MpathDisk Disk { get; }

    public MemoryPath[] Paths { get; }

    public MpathDevice[] Devices { get; }

    public NbdServer Server { get; }

    public EndPoint EndPoint => Server.LocalEndPoint;

    /// <summary>As other people's clients are told it.</summary>
    public string Uri => _socket is null ? $"nbd://127.0.0.1:{((IPEndPoint)EndPoint).Port}/{Name}" : $"nbd+unix:///{Name}?socket={_socket}";

    public RawClient Client(bool structured = true) => RawClient.Of(EndPoint, Name, structured);

    /// <summary>Waits until the server has so many.</summary>
    /// <param name="count">How many.</param>
    /// <param name="time">The server's time, if it is to go on meanwhile: a second at each look.</param>
    public void AwaitConnections(int count, FakeTimeProvider? time = null) => Eventually.True(
        () =>
        {
            time?.Advance(TimeSpan.FromSeconds(1));
            return Server.ConnectionCount == count;
        },
        $"{count} connections (there are {Server.ConnectionCount})");

    /// <summary>
    /// Waits until the server has done with all that the clients have had their answers to. Time that is told to go on
    /// goes faster than threads do, and would find it late in the middle of it.
    /// </summary>
    /// <param name="clients">How many have their export.</param>
    public void AwaitCalm(int clients) => Eventually.True(
        () => Server.Connections.Count(connection => connection.WaitsForRequest) == clients,
        "the server to wait for requests");

    public void Dispose()
    {
        Server.Dispose();
        foreach (MpathDevice path in Head.Paths)
        {
            Head.Remove(path);
        }

        Disk.Dispose();
        Head.Dispose();
    }
}
