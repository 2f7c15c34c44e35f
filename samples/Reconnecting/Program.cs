using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;

var server = new Server(new byte[1 << 20]);
using var head = new MpathHead("ram0", new ServerTemplate());
head.FailureTimes = new FailureTimes { ReconnectDelay = TimeSpan.FromMilliseconds(50), FastIoFail = TimeSpan.FromSeconds(30) };
var controller = new MpathController(id: 1);
var path = new MpathDevice(controller, new ServerPath("path0", server, controller));
using var disk = new MpathDisk(head);
head.Add(path);
path.SetLive();

server.IsUp = false;                                                     // pull the plug
ValueTask<BlockStatus> read = disk.ReadAsync(sector: 8, new byte[4096]);
Console.WriteLine($"without a server: {controller.State}, {disk.WaitingCount} I/O waits");
server.IsUp = true;
Console.WriteLine($"read: {await read}, {controller.State}");
head.Remove(path);

internal sealed class ServerPath : DriverDisk
{
    private readonly Server _server;
    private readonly ControllerRecovery _recovery;
    private readonly Lock _lock = new();
    private Connection? _connection;

    public ServerPath(string name, Server server, MpathController controller)
        : base(name, server.Memory.Length / 512)
    {
        _server = server;
        _connection = server.Connect();
        _recovery = new ControllerRecovery(controller, Connect, lost: () => Console.WriteLine($"{name} was given up"));
    }

    protected override void SubmitBio(BioAttempt attempt)
    {
        if (Volatile.Read(ref _connection)?.TryCarryOut(attempt.Bio) == true)
        {
            attempt.Complete(BlockStatus.Ok);
            return;
        }

        _recovery.ConnectionLost("the server does not answer");          // first, so that the I/O is not sent here again
        attempt.FailPath(BlockStatus.Transport);
    }

    protected override void Release()
    {
        _recovery.Dispose();                                             // cancels, waits for nobody
        lock (_lock)
        {
            _connection = null;
        }
    }

    private Task Connect(CancellationToken token)                        // on a thread that may block
    {
        Connection connection = _server.Connect();
        lock (_lock)
        {
            token.ThrowIfCancellationRequested();                        // nobody wants it any more
            _connection = connection;
        }

        return Task.CompletedTask;
    }
}

internal sealed class ServerTemplate : IMpathHeadTemplate
{
    public MpathIoPolicy Policy { get; } = IoPolicies.Create("numa");
    public bool AvailablePath(MpathDevice path) => path.Controller.MayComeBack;
    public void RereadState(MpathDevice path) => Task.Run(() => path.AccessState = MpathAccessState.Optimized);
}

internal sealed class Server(byte[] memory)
{
    private volatile bool _isUp = true;

    public byte[] Memory => memory;

    public bool IsUp { get => _isUp; set => _isUp = value; }

    public Connection Connect() => IsUp ? new Connection(this) : throw new IOException("Connection refused");
}

internal sealed class Connection(Server server)
{
    public bool TryCarryOut(Bio bio)
    {
        int offset = (int)bio.Sector * 512;
        foreach (BioSegment segment in bio.Segments)
        {
            Span<byte> here = server.Memory.AsSpan(offset, segment.Length);
            bool writes = bio.Op == BioOp.Write;
            (writes ? segment.Span : here).CopyTo(writes ? here : segment.Span);
            offset += segment.Length;
        }

        return server.IsUp;
    }
}
