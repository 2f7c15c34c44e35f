using LibMultipath.Block;
using LibMultipath.Nbd.Client;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;

namespace LibMultipath.Nbd.Tests.Paths;

/// <summary>
/// Every thread of the pool may be waiting for the disk, so a path goes on without one. It takes the whole pool away, so
/// nothing else may run, and its server is another process.
/// </summary>
public sealed class PathWithoutPoolTests : PathTests
{
    private const int Size = 256 << 10;

    [ToolTheory("nbdkit")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_path_connects_and_does_io(bool tls)
    {
        using NbdkitServer server = Server(tls);
        using var pool = new BlockedPool();
        Add(server);

        AssertWorks(1);
        Assert.Equal(BlockStatus.Ok, Await(Submit(BioOp.Flush, [])));

        pool.AssertBlocked();
    }

    [ToolTheory("nbdkit")]
    [InlineData(false)]
    [InlineData(true)]
    public void Io_that_runs_into_its_time_limit_is_done_over_the_next_connection(bool tls)
    {
        using NbdkitServer server = Server(tls);
        using var pool = new BlockedPool();
        NbdPath path = Add(server);
        AssertWorks(1);
        byte[] back = new byte[Size];
        server.Stop();

        Ending read = Submit(BioOp.Read, back);
        Ending write = Submit(BioOp.Write, Data.Filled(512, 2), sector: Size / 512);
        Eventually.True(() => !path.IsConnected, "the connection to be given up");
        AwaitConnecting();
        server.Continue();

        Assert.Equal(BlockStatus.Ok, Await(read));
        Assert.Equal(BlockStatus.Ok, Await(write));
        Assert.Equal(Data.Random(Size, 1), back);
        AssertWorks(3);
        pool.AssertBlocked();
    }

    [ToolTheory("nbdkit")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_connection_that_is_lost_is_made_again(bool tls)
    {
        using NbdkitServer server = Server(tls);
        using var pool = new BlockedPool();
        NbdPath path = Add(server);
        for (int i = 0; i < 3; i++)
        {
            AssertWorks(i);
            server.Kill();
            Eventually.True(() => !path.IsConnected, "the loss");
            byte[] back = new byte[Size];
            Ending read = Submit(BioOp.Read, back);

            server.Start();

            Assert.Equal(BlockStatus.Ok, Await(read));
            Assert.Equal(Data.Random(Size, i), back);
        }

        pool.AssertBlocked();
    }

    private void AssertWorks(int seed)
    {
        byte[] data = Data.Random(Size, seed), back = new byte[Size];
        Assert.Equal(BlockStatus.Ok, Await(Submit(BioOp.Write, data)));
        Assert.Equal(BlockStatus.Ok, Await(Submit(BioOp.Read, back)));
        Assert.Equal(data, back);
    }

    // With a callback: a task that is awaited goes on in the pool.
    private Ending Submit(BioOp op, byte[] data, long sector = 0)
    {
        Bio bio = op == BioOp.Flush ? Bio.Rent(op) : Bio.Rent(op, sector, data);
        var ending = new Ending();
        bio.EndIo = ended =>
        {
            ending.Status = ended.Status;
            ended.Dispose();
            ending.HasEnded = true;
        };
        Rig.Disk.Submit(bio);
        return ending;
    }

    private static BlockStatus Await(Ending ending)
    {
        Eventually.True(() => ending.HasEnded, "the I/O to end");
        return ending.Status;
    }

    private NbdPath Add(NbdkitServer server)
    {
        bool tls = server.Port != 0;
        NbdAddress address = tls ? NbdAddress.Parse($"nbds://localhost:{server.Port}/") : Addresses.Of(server);
        return Rig.Add(address, Impatient, Times.Quick);

        NbdPathOptions Impatient(NbdPathOptions options) => options with
        {
            Tls = tls ? NbdTls.ForClient(Folder["tls"]) : null,
            HandshakeLimit = TimeSpan.FromSeconds(5),
            IoTimeout = TimeSpan.FromSeconds(2),
            AbortTime = TimeSpan.FromSeconds(1),
        };
    }

    // With one thread: with more, an nbdkit that wakes up to a closed connection may fail an assertion of its own.
    private NbdkitServer Server(bool tls) => NbdkitServer.File(Folder, "a", Folder.File("image", 4 << 20), new NbdkitOptions
    {
        Tcp = tls,
        Tls = tls ? new TlsFolder(Folder, "tls").Name : null,
        SingleThreaded = true,
    });

    private sealed class Ending
    {
        private volatile bool _hasEnded;

        public BlockStatus Status { get; set; }

        public bool HasEnded
        {
            get => _hasEnded;
            set => _hasEnded = value;
        }
    }
}
