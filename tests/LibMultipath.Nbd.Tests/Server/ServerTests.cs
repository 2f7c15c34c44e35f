using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using LibMultipath.Block;
using LibMultipath.Nbd.Server;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;

namespace LibMultipath.Nbd.Tests.Server;

public sealed class ServerTests : IDisposable
{
    private const int Size = 16 << 20;
    private const int MiB = 1 << 20;

#if DEBUG
    // A debug build keeps a record of each read section: of the head's and of the path's, with a weak reference to it.
    private const int RecordBytes = 2 * (40 + 24);
#else
    private const int RecordBytes = 0;
#endif

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void The_file_of_the_socket_is_for_this_user_alone()
    {
        using ExportRig rig = Rig();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["export.sock"]));
    }

    [Fact]
    public void A_file_that_is_no_socket_is_left_alone()
    {
        File.WriteAllText(_folder["export.sock"], "precious");

        BlockException exception = Assert.Throws<BlockException>(() => Rig());

        Assert.Equal(Errno.EADDRINUSE, exception.Errno);
        Assert.Equal("precious", File.ReadAllText(_folder["export.sock"]));
    }

    [Fact]
    public void The_address_of_an_export_finds_it()
    {
        using ExportRig rig = Rig();

        NbdAddress address = rig.Server.AddressOf(ExportRig.Name);

        Assert.Equal(rig.Uri, address.ToString());
        Assert.Throws<ArgumentException>(() => rig.Server.AddressOf("tape"));
    }

    [Fact]
    public void Two_exports_of_a_name_cannot_be()
    {
        using ExportRig rig = Rig();

        Assert.Throws<InvalidOperationException>(() => rig.Server.Add(new NbdExport(ExportRig.Name, rig.Disk)));
    }

    [Fact]
    public void A_client_that_dies_gives_back_what_waits_for_a_path()
    {
        using ExportRig rig = Rig();
        using RawClient client = rig.Client();
        Array.ForEach(rig.Devices, path => path.SetDown());
        client.SendRequest(NbdWire.CmdRead, 0, MiB);
        client.SendRequest(NbdWire.CmdWrite, 0, MiB, new byte[MiB]);
        client.SendRequest(NbdWire.CmdRead, 0, MiB);
        Eventually.True(() => rig.Server.Budget.Used == 3 * MiB, "three requests");

        client.Dispose();

        rig.AwaitConnections(0);
        Assert.Equal(0, rig.Server.Budget.Used);
    }

    [Fact]
    public void A_client_that_dies_while_it_may_not_ask_more_gives_back_what_waits_for_a_path()
    {
        using ExportRig rig = Rig(options => options with { MaxRequests = 2, TimeProvider = _time });
        using RawClient client = rig.Client();
        Array.ForEach(rig.Devices, path => path.SetDown());
        Array.ForEach(new int[10], _ => client.SendRequest(NbdWire.CmdRead, 0, MiB));
        Eventually.True(() => rig.Server.Budget.Used == 2 * MiB, "two requests");

        client.Dispose();

        rig.AwaitConnections(0, _time);
        Assert.Equal(0, rig.Server.Budget.Used);
    }

    [Fact]
    public void A_connection_is_there_until_the_disk_has_given_its_memory_back()
    {
        using ExportRig rig = Rig();
        using RawClient client = rig.Client();
        Array.ForEach(rig.Paths, path => path.Keep());
        client.SendRequest(NbdWire.CmdRead, 0, MiB);
        Eventually.True(() => rig.Paths.Sum(path => path.Kept) == 1, "the read");
        client.Dispose();
        using RawClient other = rig.Client();

        Assert.Equal(2, rig.Server.ConnectionCount);
        Assert.Equal(MiB, rig.Server.Budget.Used);
        Array.ForEach(rig.Paths, path => path.LetGo());

        rig.AwaitConnections(1);
        Assert.Equal(0, rig.Server.Budget.Used);
    }

    [Fact]
    public void A_client_that_takes_no_answers_leaves_memory_to_others()
    {
        using ExportRig rig = Rig(options => options with { MaxBytes = 8 * MiB, TimeProvider = _time });
        using RawClient greedy = rig.Client();
        Array.ForEach(new int[64], _ => greedy.SendRequest(NbdWire.CmdRead, 0, MiB));
        Eventually.True(() => rig.Server.Budget.Used >= 3 * MiB, "the answers to pile up");

        using RawClient other = rig.Client();

        Assert.Equal(4 * MiB, other.ReadAt(0, 4 * MiB).Length);
    }

    [Fact]
    public void A_client_that_takes_its_answers_too_slowly_is_ended()
    {
        using ExportRig rig = Rig(options => options with { StallLimit = TimeSpan.FromSeconds(8), TimeProvider = _time });
        using RawClient slow = rig.Client();
        Array.ForEach(new int[16], _ => slow.SendRequest(NbdWire.CmdRead, 0, MiB));
        Eventually.True(() => rig.Server.Budget.Used > 0 && rig.Paths.Sum(path => path.Kept) == 0, "answers");

        Eventually.True(
            () =>
            {
                slow.Socket.Receive(new byte[100]);
                _time.Advance(TimeSpan.FromSeconds(1));
                return rig.Server.ConnectionCount == 0;
            },
            "the client to be ended");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void A_client_that_is_first_looked_at_in_the_middle_of_its_answers_is_not_late(int secondsOfHandshake)
    {
        using ExportRig rig = Rig(options => options with { StallLimit = TimeSpan.FromSeconds(4), MaxBytes = 38 * MiB, TimeProvider = _time });
        using RawClient client = AfterHandshake(rig, secondsOfHandshake);
        Array.ForEach(new int[8], _ => client.SendRequest(NbdWire.CmdRead, 0, 8 * MiB));
        Eventually.True(() => rig.Server.Budget.Used == 16 * MiB && rig.Server.Connections[0].State == ReaderState.Room, "the answers to pile up");
        using RawClient other = rig.Client();
        Array.ForEach(new int[8], _ => other.SendRequest(NbdWire.CmdRead, 0, 8 * MiB));
        Eventually.True(() => rig.Server.Connections.All(connection => connection.State == ReaderState.Room), "another one to wait");

        _time.Advance(TimeSpan.FromSeconds(1));

        Array.ForEach(new int[8], _ => Assert.Equal(0u, client.ReadReply(8 * MiB).Error));
    }

    [Fact]
    public void A_client_that_waits_for_what_it_has_itself_need_not_hurry()
    {
        using ExportRig rig = Rig(options => options with { StallLimit = TimeSpan.FromSeconds(24), MaxBytes = 38 * MiB, TimeProvider = _time });
        using RawClient client = rig.Client();
        Array.ForEach(new int[8], _ => client.SendRequest(NbdWire.CmdRead, 0, 8 * MiB));
        Eventually.True(() => rig.Server.Budget.Used == 16 * MiB && rig.Server.Connections[0].State == ReaderState.Room, "the answers to pile up");

        // Far less in that time than a part of what it has, and more than anybody has to.
        for (int second = 0; second < 60; second++)
        {
            client.Read(100_000);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        client.Read((8 * 8 * MiB) - (60 * 100_000));
    }

    [Fact]
    public void A_server_that_was_stopped_for_long_does_not_hold_it_against_its_clients()
    {
        var time = new SuspendedTime();
        using ExportRig rig = Rig(options => options with { StallLimit = TimeSpan.FromSeconds(8), TimeProvider = time });
        using RawClient client = rig.Client();
        using var greeting = new RawClient(rig.EndPoint);
        byte[] request = RawPeer.Bytes(NbdWire.RequestMagic, (ushort)0, NbdWire.CmdWrite, 77UL, 0UL, 4096u, new byte[4096]);
        client.SendBytes(request.AsSpan(0, 100));
        Eventually.True(() => rig.Server.Connections[0].State == ReaderState.Rest, "the server to wait for the rest");

        time.Suspend(TimeSpan.FromHours(1));
        time.Advance(TimeSpan.FromSeconds(1));

        client.SendBytes(request.AsSpan(100));
        Assert.Equal((77UL, 0u), (client.ReadReply().Cookie, 0u));
        greeting.Greet();
        greeting.Go(ExportRig.Name);
    }

    [Fact]
    public void A_client_whose_request_took_long_is_not_idle_since_then()
    {
        var limit = TimeSpan.FromSeconds(8);
        using ExportRig rig = Rig(options => options with { MaxConnections = 1, IdleLimit = limit, HandshakeLimit = 100 * limit, TimeProvider = _time });
        using RawClient client = rig.Client();
        using var next = new RawClient(rig.EndPoint);
        next.Greet();
        Array.ForEach(rig.Paths, path => path.Keep());
        client.SendRequest(NbdWire.CmdRead, 0, 512);
        Eventually.True(() => rig.Paths.Sum(path => path.Kept) == 1, "the read");
        _time.Advance(3 * limit);

        Array.ForEach(rig.Paths, path => path.LetGo());
        Assert.Equal(0u, client.ReadReply(512).Error);
        rig.AwaitCalm(1);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(NbdWire.RepErrPolicy, next.TryGo(ExportRig.Name));
        Assert.Equal(512, client.ReadAt(0, 512).Length);
    }

    [Fact]
    public async Task A_server_on_tcp_refuses_nobody_before_its_disk_has_carried_everything_out()
    {
        using var rig = new ExportRig(_folder, Size, tcp: true);
        using RawClient client = rig.Client();
        Array.ForEach(rig.Paths, path => path.Keep());
        client.SendRequest(NbdWire.CmdWrite, 0, 512, new byte[512]);
        Eventually.True(() => rig.Paths.Sum(path => path.Kept) == 1, "the write");

        Assert.False(await rig.Server.StopAsync(TimeSpan.FromMilliseconds(1)).WaitAsync(Eventually.Limit));

        using (var late = new RawClient(rig.EndPoint))
        {
            Assert.True(late.IsAtEnd);
        }

        Array.ForEach(rig.Paths, path => path.LetGo());
        Eventually.True(() => Record.Exception(() => new RawClient(rig.EndPoint).Dispose()) is SocketException { SocketErrorCode: SocketError.ConnectionRefused }, "the server to refuse");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void A_client_that_is_first_looked_at_in_the_middle_of_a_request_is_not_late(int secondsOfHandshake)
    {
        using ExportRig rig = Rig(options => options with { StallLimit = TimeSpan.FromSeconds(4), TimeProvider = _time });
        using RawClient client = AfterHandshake(rig, secondsOfHandshake);
        byte[] request = RawPeer.Bytes(NbdWire.RequestMagic, (ushort)0, NbdWire.CmdWrite, 77UL, 0UL, 4096u, new byte[4096]);
        client.SendBytes(request.AsSpan(0, 100));
        Eventually.True(() => rig.Server.Connections[0].State == ReaderState.Rest, "the server to wait for the rest");

        _time.Advance(TimeSpan.FromSeconds(1));

        client.SendBytes(request.AsSpan(100));
        Assert.Equal((77UL, 0u), (client.ReadReply().Cookie, 0u));
    }

    [Fact]
    public void A_client_in_the_middle_of_a_handshake_hears_that_the_server_ends()
    {
        using ExportRig rig = Rig(options => options with { TimeProvider = _time });
        using var client = new RawClient(rig.EndPoint);
        client.Greet();
        rig.AwaitConnections(1);

        Task<bool> stopping = rig.Server.StopAsync(Eventually.Limit);

        Assert.Equal(NbdWire.RepErrShutdown, client.Ask(NbdWire.OptList).Type);
        Assert.True(client.IsAtEnd);
        Eventually.True(() => stopping.IsCompletedSuccessfully, "the end");
    }

    [Fact]
    public void Of_too_many_handshakes_the_oldest_ends()
    {
        using ExportRig rig = Rig(options => options with { MaxConnections = 2, TimeProvider = _time });
        using var first = new RawClient(rig.EndPoint);
        first.Greet();
        using var second = new RawClient(rig.EndPoint);
        second.Greet();

        using RawClient third = rig.Client();

        first.AwaitEnd();
        second.Go(ExportRig.Name);
        Assert.Equal(512, second.ReadAt(0, 512).Length);
    }

    [Fact]
    public void An_error_about_the_longest_name_is_no_longer_than_a_text_may_be()
    {
        using ExportRig rig = Rig();
        using var client = new RawClient(rig.EndPoint);
        client.Greet();
        byte[] name = Encoding.UTF8.GetBytes(new string('\u20ac', 1365));

        (uint type, byte[] text) = client.Ask(NbdWire.OptInfo, RawPeer.Bytes((uint)name.Length, name, (ushort)0));

        Assert.Equal(NbdWire.RepErrUnknown, type);
        Assert.InRange(text.Length, 4094, 4096);
        Assert.EndsWith("\u20ac", new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text), StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_for_whom_there_is_no_place_is_told_so()
    {
        using ExportRig rig = Rig(options => options with { MaxConnections = 1, TimeProvider = _time });
        using RawClient first = rig.Client();
        using var second = new RawClient(rig.EndPoint);
        second.Greet();

        Assert.Equal(NbdWire.RepErrPolicy, second.TryGo(ExportRig.Name));
        first.Dispose();
        rig.AwaitConnections(1);

        second.Go(ExportRig.Name);
    }

    [Fact]
    public void An_export_that_is_removed_ends_its_clients_when_they_have_their_answers()
    {
        using ExportRig rig = Rig();
        using RawClient client = rig.Client();
        rig.Server.Add(new NbdExport("other", rig.Disk));
        using RawClient other = RawClient.Of(rig.EndPoint, "other");
        Array.ForEach(rig.Paths, path => path.Keep());
        client.SendRequest(NbdWire.CmdRead, 0, 512);
        Eventually.True(() => rig.Paths.Sum(path => path.Kept) == 1, "the read");

        Assert.True(rig.Server.Remove(ExportRig.Name));
        Array.ForEach(rig.Paths, path => path.LetGo());

        Assert.Equal(0u, client.ReadReply(512).Error);
        Assert.True(client.IsAtEnd);
        Assert.Equal(512, other.ReadAt(0, 512).Length);
        Eventually.True(() => rig.Disk.OpenCount == 1, "the disk to be closed once");
    }

    [Fact]
    public void A_disk_that_is_gone_fails_requests_and_the_connection_stays()
    {
        using ExportRig rig = Rig();
        using RawClient client = rig.Client();

        rig.Disk.Remove();

        Assert.Equal(NbdWire.EIo, client.Do(NbdWire.CmdRead, 0, 512).Error);
        Assert.Equal(NbdWire.EIo, client.Do(NbdWire.CmdWrite, 0, 512, new byte[512]).Error);
    }

    [Fact]
    public void A_write_that_comes_in_pieces_has_not_stalled()
    {
        using ExportRig rig = Rig(options => options with { StallLimit = TimeSpan.FromSeconds(8), TimeProvider = _time });
        using RawClient client = rig.Client();
        byte[] data = Data.Random(MiB, 1);
        byte[] request = RawPeer.Bytes(NbdWire.RequestMagic, (ushort)0, NbdWire.CmdWrite, 77UL, 0UL, (uint)MiB, data);

        for (int sent = 0; sent < request.Length; sent += 100_000)
        {
            client.SendBytes(request.AsSpan(sent, Math.Min(100_000, request.Length - sent)));
            SocketQueue.AwaitTaken(client.Socket);
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(0u, client.ReadReply().Error);
        Assert.Equal(data, rig.Memory[..MiB]);
    }

    [Fact]
    public void Requests_in_steady_state_allocate_nothing()
    {
        using ExportRig rig = Rig();
        using RawClient client = rig.Client(structured: false);
        byte[] write = RawPeer.Bytes(NbdWire.RequestMagic, (ushort)0, NbdWire.CmdWrite, 1UL, 0UL, 4096u, new byte[4096]);
        byte[] read = RawPeer.Bytes(NbdWire.RequestMagic, (ushort)0, NbdWire.CmdRead, 2UL, 0UL, 4096u);
        byte[] answers = new byte[16 + 16 + 4096];
        const int Rounds = 2000;
        // No object is as small as what is left for others here.
        const long Most = 2 * Rounds * (RecordBytes + 8);
        long least = long.MaxValue;
        for (int i = 0; i < 5 && least >= Most; i++)
        {
            long before = AllocatedByOthers();
            for (int round = 0; round < Rounds; round++)
            {
                client.SendBytes(write);
                client.SendBytes(read);
                client.Fill(answers);
            }

            least = Math.Min(least, AllocatedByOthers() - before);
        }

        Assert.True(least < Most, $"{least} bytes for {2 * Rounds} requests");
    }

    // The client's end is this thread's, and .NET allocates for a receive that has a limit of time.
    private static long AllocatedByOthers() => GC.GetTotalAllocatedBytes(precise: true) - GC.GetAllocatedBytesForCurrentThread();

    // A server that has been there for long, and a client that has just its export.
    private RawClient AfterHandshake(ExportRig rig, int seconds)
    {
        _time.Advance(TimeSpan.FromMinutes(10));
        var client = new RawClient(rig.EndPoint);
        client.Greet();
        for (int second = 0; second < seconds; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        client.Go(ExportRig.Name);
        return client;
    }

    private ExportRig Rig(Func<NbdServerOptions, NbdServerOptions>? with = null) => new(_folder, Size, with);
}
