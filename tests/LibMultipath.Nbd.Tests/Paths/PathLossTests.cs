using System.Text.RegularExpressions;
using LibMultipath.Block;
using LibMultipath.Nbd.Client;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using LibMultipath.Paths;
using Xunit.Abstractions;

namespace LibMultipath.Nbd.Tests.Paths;

/// <summary>Servers that end, hang and come back.</summary>
public sealed class PathLossTests(ITestOutputHelper output) : PathTests
{
    [ToolFact("nbdkit")]
    public async Task The_only_path_waits_for_its_server_and_goes_on()
    {
        using NbdkitServer server = NbdkitServer.File(Folder, "a", Folder.File("image", 4 << 20));
        NbdPath path = Rig.Add(Addresses.Of(server), times: Times.Quick);
        using var load = new VerifiedLoad(Rig.Disk, Seeds.Next(output));
        load.AwaitProgress();

        server.Kill();
        Eventually.True(() => !path.IsConnected, "the loss");
        AwaitConnecting();
        Assert.Contains("connecting", path.ConnectionState, StringComparison.Ordinal);
        server.Start();
        load.AwaitProgress();

        Assert.True(path.IsConnected);
        Assert.Equal(MpathControllerState.Live, Rig.Devices[0].Controller.State);
        Assert.Equal("connected", path.ConnectionState);
        await load.AssertGoodAsync();
    }

    [ToolFact("nbdkit")]
    public async Task A_load_over_two_paths_does_not_see_one_die()
    {
        string image = Folder.File("image", 4 << 20);
        using NbdkitServer one = NbdkitServer.File(Folder, "a", image);
        using NbdkitServer two = NbdkitServer.File(Folder, "b", image);
        Rig.Add(Addresses.Of(one), times: Times.Quick);
        Rig.Add(Addresses.Of(two), times: Times.Quick);
        using var load = new VerifiedLoad(Rig.Disk, Seeds.Next(output));

        load.AwaitProgress();
        one.Kill();
        load.AwaitProgress();
        one.Start();
        Rig.AwaitUsable(0);
        two.Kill();
        load.AwaitProgress();

        await load.AssertGoodAsync();
    }

    [ToolFact("nbdkit")]
    public async Task A_server_that_hangs_is_left_after_the_time_limit()
    {
        string image = Folder.File("image", 4 << 20);

        // With one thread: with more, an nbdkit that wakes up to a closed connection may fail an assertion of its own.
        using NbdkitServer hangs = NbdkitServer.File(Folder, "a", image, new NbdkitOptions { SingleThreaded = true });
        using NbdkitServer works = NbdkitServer.File(Folder, "b", image);
        Rig.Add(Addresses.Of(hangs), Impatient, Times.Quick);
        Rig.Add(Addresses.Of(works), times: Times.Quick);
        using var load = new VerifiedLoad(Rig.Disk, Seeds.Next(output));
        load.AwaitProgress();

        hangs.Stop();
        Eventually.True(() => !Rig.Devices[0].IsUsable, "the path that hangs to be left");
        load.AwaitProgress();
        hangs.Continue();
        Rig.AwaitUsable(0);
        load.AwaitProgress();

        await load.AssertGoodAsync();

        // When it goes on, it carries out what it was sent before. So its writes are held until it has.
        static NbdPathOptions Impatient(NbdPathOptions options) => options with
        {
            HandshakeLimit = TimeSpan.FromSeconds(5),
            IoTimeout = TimeSpan.FromSeconds(1),
            AbortTime = TimeSpan.FromSeconds(15),
        };
    }

    [ToolFact("nbdkit")]
    public void A_path_that_is_failed_by_hand_stays_so_until_it_is_restored()
    {
        string image = Folder.File("image", 1 << 20);
        using NbdkitServer server = NbdkitServer.File(Folder, "a", image);
        NbdPath path = Rig.Add(Addresses.Of(server), times: Times.Quick);
        NbdPath other = Rig.Add(Addresses.Of(server), times: Times.Quick);

        path.Fail();
        path.Fail();

        Assert.True(path.IsFailed);
        Assert.False(path.IsConnected);
        Assert.False(Rig.Devices[0].IsUsable);
        Assert.Equal(BlockStatus.Ok, Rig.Write(0, Data.Filled(512, 1)));
        path.Restore();
        Assert.False(path.IsFailed);
        Assert.True(path.IsConnected);
        Assert.True(Rig.Devices[0].IsUsable);
        other.Fail();
        Assert.Equal(1, Rig.Read(0, 512)[0]);
    }

    [ToolFact("nbdkit")]
    public void A_path_that_is_dropped_and_restored_works()
    {
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M");
        NbdPath path = Rig.Add(Addresses.Of(server), times: Times.Quick);

        Rig.Devices[0].SetDown();
        path.Drop();
        path.Fail();
        path.Restore();

        Assert.Equal(BlockStatus.Ok, Rig.Write(0, new byte[512]));
    }

    [ToolFact("nbdkit")]
    public void Restoring_a_path_whose_server_is_gone_fails_and_leaves_it_failed()
    {
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M");
        NbdPath path = Rig.Add(Addresses.Of(server), times: Times.Quick);
        path.Fail();
        server.Kill();

        Assert.Equal(Errno.ECONNREFUSED, Assert.Throws<BlockException>(path.Restore).Errno);

        Assert.True(path.IsFailed);
        server.Start();
        path.Restore();
        Assert.Equal(BlockStatus.Ok, Rig.Write(0, new byte[512]));
    }

    [ToolFact("nbdkit")]
    public void A_path_that_is_removed_says_good_bye()
    {
        // It ends when its last client has gone.
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M", new NbdkitOptions { Filters = ["exitlast"] });
        Rig.Add(Addresses.Of(server));
        Assert.Equal(BlockStatus.Ok, Rig.Write(0, new byte[512]));

        Rig.Head.Remove(Rig.Devices[0]);

        server.AwaitExit();
    }

    [ToolFact("nbdkit")]
    public async Task A_server_that_ends_when_its_last_client_has_gone_is_found_again_when_it_is_back()
    {
        string trigger = Folder["trigger"];
        string image = Folder.File("image", 4 << 20);
        using NbdkitServer one = NbdkitServer.File(Folder, "a", image, new NbdkitOptions { Filters = ["exitwhen"], Parameters = [$"exit-when-file-created={trigger}", "exit-when-poll=1"] });
        using NbdkitServer two = NbdkitServer.File(Folder, "b", image);
        NbdPath path = Rig.Add(Addresses.Of(one), times: Times.Quick);
        Rig.Add(Addresses.Of(two), times: Times.Quick);
        using var load = new VerifiedLoad(Rig.Disk, Seeds.Next(output));
        load.AwaitProgress();

        await File.WriteAllTextAsync(trigger, "");
        path.Fail();
        one.AwaitExit();
        load.AwaitProgress();
        File.Delete(trigger);
        one.Start();
        path.Restore();
        load.AwaitProgress();

        await load.AssertGoodAsync();
    }

    [Fact]
    public void Why_a_path_connects_is_said_without_the_address()
    {
        using var server = new RawServer(peer =>
        {
            peer.Negotiate(new RawExport(1 << 20));
            peer.Serve(new RawStore(1 << 20));
        });
        NbdPath path = Rig.Add(Addresses.Of(server), times: Times.Quick);

        server.Refuse();
        server.CloseAll();

        const string Connecting = @"^connecting, attempt \d+( in \d+\.\d s)?: ";
        Eventually.True(
            () => Regex.IsMatch(path.ConnectionState, $@"{Connecting}nobody listens there; is the server running\? \(ECONNREFUSED\)$"), "the reason");
        server.Script = Greet;
        server.Listen();
        Eventually.True(() => Regex.IsMatch(path.ConnectionState, $"{Connecting}it is no NBD server: [^:]+$"), "the other reason");
    }

    [Fact]
    public void What_a_server_does_wrong_is_said_with_its_address_once()
    {
        using var server = new RawServer(Greet);
        NbdAddress address = Addresses.Of(server);

        BlockException exception = Assert.Throws<BlockException>(() => Rig.Add(address));

        Assert.StartsWith($"{address}: it is no NBD server: it greets with ", exception.Message, StringComparison.Ordinal);
    }

    [ToolFact("nbdkit")]
    public void A_server_that_comes_back_with_another_size_is_not_used()
    {
        string small = Folder.File("small", 1 << 20), large = Folder.File("large", 2 << 20), link = Folder["link"];
        File.CreateSymbolicLink(link, small);
        using NbdkitServer server = NbdkitServer.File(Folder, "a", link);
        using NbdkitServer other = NbdkitServer.File(Folder, "b", small);
        NbdPath path = Rig.Add(Addresses.Of(server), times: Times.Quick);
        Rig.Add(Addresses.Of(other), times: Times.Quick);
        server.Kill();
        File.Delete(link);
        File.CreateSymbolicLink(link, large);
        server.Start();

        Eventually.True(() => path.ConnectionState.Contains("has 2097152 bytes", StringComparison.Ordinal), "the other size to be seen");

        Assert.False(Rig.Devices[0].IsUsable);
        Assert.Equal(2048, Rig.Disk.CapacitySectors);
        Assert.Equal(BlockStatus.Ok, Rig.Write(0, new byte[512]));
    }

    [Fact]
    public void A_server_that_comes_back_with_larger_blocks_is_not_used_while_the_disk_is()
    {
        var store = new RawStore(1 << 20);
        uint least = 512;
        using var changes = new RawServer(Folder, "a", Serve);
        using var stays = new RawServer(Folder, "b", peer => ServeBlocks(peer, 512));
        NbdPath path = Rig.Add(Addresses.Of(changes), times: Times.Quick);
        Rig.Add(Addresses.Of(stays), times: Times.Quick);

        Volatile.Write(ref least, 4096);
        changes.CloseAll();

        Eventually.True(() => path.ConnectionState.Contains("4096", StringComparison.Ordinal), "the larger blocks to be seen");
        Assert.False(Rig.Devices[0].IsUsable);
        Assert.Equal(512, Rig.Disk.Limits.LogicalBlockSize);
        Assert.Equal(BlockStatus.Ok, Rig.Write(1, new byte[512]));
        Volatile.Write(ref least, 512);
        Rig.AwaitUsable(0);

        void Serve(RawServerPeer peer) => ServeBlocks(peer, Volatile.Read(ref least));

        void ServeBlocks(RawServerPeer peer, uint blocks)
        {
            peer.Negotiate(new RawExport(1 << 20) { BlockSizes = (blocks, 4096, 1 << 20) });
            peer.Serve(store);
        }
    }

    [ToolFact("nbdkit")]
    public void A_path_is_lost_after_the_loss_time_and_its_io_fails()
    {
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M");
        NbdPath path = Rig.Add(Addresses.Of(server), times: new FailureTimes { ReconnectDelay = TimeSpan.FromMilliseconds(20), FastIoFail = Timeout.InfiniteTimeSpan, Loss = TimeSpan.FromSeconds(1) });
        using var told = new ManualResetEventSlim();
        path.Lost += _ => told.Set();

        server.Kill();
        BlockStatus status = Rig.Write(0, new byte[512]);

        Assert.NotEqual(BlockStatus.Ok, status);
        Assert.True(told.Wait(Eventually.Limit));
        Assert.True(path.IsLost);
        Assert.Equal(MpathControllerState.Dead, Rig.Devices[0].Controller.State);
        Assert.Contains("lost", path.ConnectionState, StringComparison.Ordinal);
    }

    [ToolFact("nbdkit")]
    public void After_the_fast_fail_time_io_fails_and_the_path_still_comes_back()
    {
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M");
        Rig.Add(Addresses.Of(server), times: Times.Quick with { FastIoFail = TimeSpan.FromMilliseconds(500) });
        server.Kill();

        Assert.NotEqual(BlockStatus.Ok, Rig.Write(0, new byte[512]));
        Assert.Equal(MpathControllerState.Connecting, Rig.Devices[0].Controller.State);

        server.Start();
        Rig.AwaitUsable(0);
        Assert.Equal(BlockStatus.Ok, Rig.Write(0, new byte[512]));
    }

    // As something else that listens.
    private static void Greet(RawServerPeer peer) => peer.Socket.Send("SSH-2.0-OpenSSH_9.9"u8);
}
