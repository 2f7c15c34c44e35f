using System.Net.Sockets;
using LibMultipath.Block;
using LibMultipath.Nbd.Server;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;

namespace LibMultipath.Nbd.Tests.Export;

/// <summary>Clients that are slow, silent or too many cannot hold the export.</summary>
public sealed class LimitTests : IDisposable
{
    private const int Size = 16 << 20;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(8);

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(15)]
    public void A_client_that_falls_silent_in_the_handshake_is_closed(int bytes)
    {
        using ExportRig rig = Rig(options => options with { HandshakeLimit = s_limit, TimeProvider = _time });
        using RawClient good = rig.Client();
        using var silent = new RawClient(rig.EndPoint);
        rig.AwaitConnections(2);
        rig.AwaitCalm(1);

        silent.SendBytes(RawPeer.Bytes((uint)NbdWire.FixedNewstyle, NbdWire.OptionMagic, NbdWire.OptGo, 100u).AsSpan(0, bytes));

        rig.AwaitConnections(1, _time);
        silent.AwaitEnd();
        Assert.Equal(512, good.ReadAt(0, 512).Length);
    }

    [Fact]
    public void A_client_that_is_slow_but_steady_in_the_handshake_is_closed_too()
    {
        using ExportRig rig = Rig(options => options with { HandshakeLimit = s_limit, TimeProvider = _time });
        using var slow = new RawClient(rig.EndPoint);
        slow.Greet();

        Exception? end = Record.Exception(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                slow.Ask(NbdWire.OptStructuredReply + 4711);
                _time.Advance(TimeSpan.FromSeconds(1));
            }
        });

        Assert.NotNull(end);
        rig.AwaitConnections(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(27)]
    [InlineData(28)]
    [InlineData(1000)]
    public void A_client_that_falls_silent_in_a_request_is_closed(int bytes)
    {
        using ExportRig rig = Rig(options => options with { StallLimit = s_limit, TimeProvider = _time });
        using RawClient good = rig.Client();
        using RawClient silent = rig.Client();
        rig.AwaitCalm(2);

        silent.SendBytes(RawPeer.Bytes(NbdWire.RequestMagic, (ushort)0, NbdWire.CmdWrite, 1UL, 0UL, 4096u, new byte[4096]).AsSpan(0, bytes));

        rig.AwaitConnections(1, _time);
        silent.AwaitEnd();
        Assert.Equal(512, good.ReadAt(0, 512).Length);
    }

    [Fact]
    public void A_client_that_does_not_read_its_answers_is_closed()
    {
        using ExportRig rig = Rig(options => options with { StallLimit = s_limit, TimeProvider = _time });
        using RawClient good = rig.Client();
        using RawClient slow = rig.Client();
        rig.AwaitCalm(2);

        for (int i = 0; i < 64; i++)
        {
            slow.SendRequest(NbdWire.CmdRead, 0, 1 << 20);
        }

        // It still reads nothing; that it is gone is seen on the other side.
        rig.AwaitConnections(1, _time);
        Assert.Equal(512, good.ReadAt(0, 512).Length);
    }

    [Fact]
    public void A_client_that_asks_nothing_is_left_alone_while_there_is_room()
    {
        using ExportRig rig = Rig(options => options with { StallLimit = s_limit, HandshakeLimit = s_limit, IdleLimit = s_limit, MaxConnections = 2, TimeProvider = _time });
        using RawClient idle = rig.Client();
        rig.AwaitCalm(1);

        _time.Advance(4 * s_limit);

        Assert.Equal(512, idle.ReadAt(0, 512).Length);
    }

    [Fact]
    public void A_disk_that_takes_long_is_not_the_clients_fault()
    {
        using ExportRig rig = Rig(options => options with { StallLimit = s_limit, IdleLimit = s_limit, TimeProvider = _time });
        using RawClient client = rig.Client();
        Array.ForEach(rig.Paths, path => path.Keep());
        client.SendRequest(NbdWire.CmdRead, 0, 4096);
        Eventually.True(() => rig.Paths.Sum(path => path.Kept) == 1, "the request");
        rig.AwaitCalm(1);

        _time.Advance(4 * s_limit);
        Array.ForEach(rig.Paths, path => path.LetGo());

        Assert.Equal(0u, client.ReadReply(4096).Error);
    }

    [Fact]
    public void A_client_too_many_is_closed_and_the_others_stay()
    {
        using ExportRig rig = Rig(options => options with { MaxConnections = 2, HandshakeLimit = s_limit, TimeProvider = _time });
        using RawClient one = rig.Client();
        using RawClient two = rig.Client();

        using (var three = new RawClient(rig.EndPoint))
        {
            rig.AwaitConnections(3);
            rig.AwaitCalm(2);
            rig.AwaitConnections(2, _time);
            three.AwaitEnd();
        }

        Assert.Equal(512, one.ReadAt(0, 512).Length);
        two.Dispose();
        rig.AwaitConnections(1);
        using RawClient four = rig.Client();
        Assert.Equal(512, four.ReadAt(0, 512).Length);
    }

    [Fact]
    public void A_client_that_has_been_idle_for_long_makes_room()
    {
        using ExportRig rig = Rig(options => options with { MaxConnections = 2, IdleLimit = s_limit, HandshakeLimit = 1000 * s_limit, TimeProvider = _time });
        using RawClient idle = rig.Client();
        using RawClient busy = rig.Client();
        using var next = new RawClient(rig.EndPoint);
        next.Greet();
        Assert.Equal(NbdWire.RepErrPolicy, next.TryGo(ExportRig.Name));

        Eventually.True(
            () =>
            {
                busy.ReadAt(0, 512);
                rig.AwaitCalm(2);
                _time.Advance(s_limit / 8);
                return next.TryGo(ExportRig.Name) == NbdWire.RepAck;
            },
            "a place");

        Assert.Equal(512, next.ReadAt(0, 512).Length);
        Assert.Equal(512, busy.ReadAt(0, 512).Length);
        idle.AwaitEnd();
    }

    [Fact]
    public void Clients_that_hold_the_export_in_the_handshake_make_room_soon()
    {
        using ExportRig rig = Rig(options => options with { MaxConnections = 4, HandshakeLimit = s_limit, TimeProvider = _time });
        RawClient[] silent = [.. Enumerable.Range(0, 4).Select(_ => new RawClient(rig.EndPoint))];
        rig.AwaitConnections(4);

        rig.AwaitConnections(0, _time);

        using RawClient good = rig.Client();
        Assert.Equal(512, good.ReadAt(0, 512).Length);
        Array.ForEach(silent, client => client.Dispose());
    }

    [Fact]
    public void More_requests_than_a_connection_may_have_are_taken_when_others_have_ended()
    {
        using ExportRig rig = Rig(options => options with { MaxRequests = 8 });
        using RawClient client = rig.Client(structured: false);
        using RawClient other = rig.Client();
        Array.ForEach(rig.Paths, path => path.Keep());
        HashSet<ulong> cookies = [.. Enumerable.Range(0, 100).Select(_ => client.SendRequest(NbdWire.CmdRead, 0, 512))];
        Eventually.True(() => rig.Paths.Sum(path => path.Kept) == 8, "eight requests under way");

        Array.ForEach(rig.Paths, path => path.LetGo());

        Assert.Equal(512, other.ReadAt(0, 512).Length);
        while (cookies.Count > 0)
        {
            Assert.True(cookies.Remove(client.ReadReply(512).Cookie));
        }
    }

    [Fact]
    public void More_data_than_may_be_under_way_waits_its_turn_and_all_comes()
    {
        using ExportRig rig = Rig(options => options with { MaxBytes = 38 << 20 });
        RawClient[] clients = [.. Enumerable.Range(0, 4).Select(_ => rig.Client(structured: false))];

        Parallel.ForEach(clients, client =>
        {
            for (int round = 0; round < 4; round++)
            {
                // Read while they are asked for, or the sockets would be full on either side.
                var asking = new Thread(() => Array.ForEach(new int[8], _ => client.SendRequest(NbdWire.CmdRead, 0, 8 << 20)));
                asking.Start();
                for (int i = 0; i < 8; i++)
                {
                    Assert.Equal(0u, client.ReadReply(8 << 20).Error);
                }

                asking.Join();
                client.WriteAt(0, new byte[8 << 20]);
            }
        });

        Array.ForEach(clients, client => client.Dispose());
        rig.AwaitConnections(0);
    }

    [Fact]
    public async Task Stopping_lets_what_is_under_way_end_and_takes_nobody_new()
    {
        using ExportRig rig = Rig();
        using RawClient client = rig.Client(structured: false);
        Array.ForEach(rig.Paths, path => path.Keep());
        client.SendRequest(NbdWire.CmdWrite, 0, 512, Data.Filled(512, 9));
        Eventually.True(() => rig.Paths.Sum(path => path.Kept) == 1, "the write");

        Task<bool> stopping = rig.Server.StopAsync(Eventually.Limit);
        await Eventually.TrueAsync(() => Refuses(rig), "the server to refuse");
        Assert.False(stopping.IsCompleted);
        Array.ForEach(rig.Paths, path => path.LetGo());

        Assert.Equal(0u, client.ReadReply().Error);
        Assert.True(await stopping.WaitAsync(Eventually.Limit));
        client.AwaitEnd();
        Assert.Equal(0, rig.Server.ConnectionCount);
        Assert.Equal(9, rig.Memory[0]);
    }

    [Fact]
    public async Task Stopping_does_not_wait_longer_than_it_may()
    {
        using ExportRig rig = Rig();
        using RawClient client = rig.Client();
        Array.ForEach(rig.Paths, path => path.Keep());
        client.SendRequest(NbdWire.CmdRead, 0, 512);
        Eventually.True(() => rig.Paths.Sum(path => path.Kept) == 1, "the read");

        Assert.False(await rig.Server.StopAsync(TimeSpan.FromMilliseconds(300)).WaitAsync(Eventually.Limit));

        client.AwaitEnd();
        Array.ForEach(rig.Paths, path => path.LetGo());
        rig.AwaitConnections(0);
    }

    [Fact]
    public async Task Stopping_with_idle_clients_is_done_at_once()
    {
        using ExportRig rig = Rig();
        using RawClient client = rig.Client();
        using var silent = new RawClient(rig.EndPoint);

        Assert.True(await rig.Server.StopAsync(Eventually.Limit).WaitAsync(Eventually.Limit));

        client.AwaitEnd();
        silent.AwaitEnd();
        Assert.Equal(0, rig.Server.ConnectionCount);
    }

    [Fact]
    public void A_socket_that_a_dead_server_has_left_is_taken_and_a_living_ones_is_not()
    {
        string place = _folder["export.sock"];
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(place));
            File.Move(place, place + ".kept");
        }

        File.Move(place + ".kept", place);
        using ExportRig rig = Rig();

        BlockException exception = Assert.Throws<BlockException>(() => NbdServer.Start(new NbdServerOptions { EndPoint = new UnixDomainSocketEndPoint(place) }));

        Assert.Equal(Errno.EADDRINUSE, exception.Errno);
        using RawClient client = rig.Client();
        Assert.Equal(512, client.ReadAt(0, 512).Length);
    }

    [Fact]
    public void A_server_that_is_disposed_leaves_no_socket_and_no_connection()
    {
        ExportRig rig = Rig();
        using RawClient client = rig.Client();

        rig.Dispose();

        Assert.True(client.IsAtEnd);
        Assert.False(File.Exists(_folder["export.sock"]));
    }

    private static bool Refuses(ExportRig rig)
    {
        try
        {
            using var client = new RawClient(rig.EndPoint);
            return client.IsAtEnd;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private ExportRig Rig(Func<NbdServerOptions, NbdServerOptions>? with = null) => new(_folder, Size, with);
}
