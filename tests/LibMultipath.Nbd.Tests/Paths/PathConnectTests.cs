using LibMultipath.Block;
using LibMultipath.Nbd.Client;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;

namespace LibMultipath.Nbd.Tests.Paths;

/// <summary>What is said when a path cannot be connected, and which paths a head takes.</summary>
public sealed class PathConnectTests : PathTests
{
    [Fact]
    public void A_server_that_is_not_there_is_named_with_the_reason()
    {
        BlockException exception = Assert.Throws<BlockException>(() => Rig.Add(Addresses.OfSocket(Folder["nobody.sock"])));

        Assert.Equal(Errno.ENOENT, exception.Errno);
        Assert.Contains(Folder["nobody.sock"], exception.Message, StringComparison.Ordinal);
    }

    [ToolFact("nbdkit")]
    public void A_server_that_was_killed_refuses()
    {
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M");
        server.Kill();

        Assert.Equal(Errno.ECONNREFUSED, Assert.Throws<BlockException>(() => Rig.Add(Addresses.Of(server))).Errno);
    }

    [ToolFact("qemu-nbd")]
    public void An_export_that_is_not_there_is_answered_with_those_that_are()
    {
        using var server = new QemuNbdServer(Folder, "a", Folder.File("image", 1 << 20), export: "disk");

        BlockException exception = Assert.Throws<BlockException>(() => Rig.Add(Addresses.Of(server, "tape")));

        Assert.Contains("tape", exception.Message, StringComparison.Ordinal);
        Assert.Contains("disk", exception.Message, StringComparison.Ordinal);
    }

    [ToolFact("qemu-nbd")]
    public void An_export_with_a_name_is_found()
    {
        using var server = new QemuNbdServer(Folder, "a", Folder.File("image", 1 << 20), export: "a disk/ä");

        NbdPath path = Rig.Add(NbdAddress.Parse($"nbd+unix:///{Uri.EscapeDataString("a disk/ä")}?socket={server.Socket}"));

        Assert.Equal(2048, path.CapacitySectors);
    }

    [Fact]
    public void A_server_that_only_has_the_old_option_is_understood()
    {
        var store = new RawStore(1 << 20);
        using var server = new RawServer(Folder, "old", peer =>
        {
            peer.Greet(NbdWire.FixedNewstyle);
            RawOption option;
            while ((option = peer.ReadOption()).Option != NbdWire.OptExportName)
            {
                peer.ReplyOption(option.Option, NbdWire.RepErrUnsup);
            }

            peer.Send((ulong)store.Data.Length, NbdWire.Everything, new byte[124]);
            peer.Serve(store);
        });

        Rig.Add(Addresses.Of(server));

        Assert.Equal(BlockStatus.Ok, Rig.Write(8, Data.Filled(512, 3)));
        Assert.Equal(3, store.Data[4096]);
        server.AssertNoFaults();
    }

    [Fact]
    public void A_server_without_block_sizes_gets_what_every_server_takes()
    {
        var store = new RawStore(64 << 20);
        using RawServer server = RawServer.Honest(Folder, "a", new RawExport(64 << 20) { BlockSizes = null }, store);
        NbdPath path = Rig.Add(Addresses.Of(server));
        byte[] data = Data.Random(48 << 20, 1);

        Assert.Equal(BlockStatus.Ok, Rig.Write(0, data));

        Assert.InRange(path.Limits.MaxSectors, 1, 65536);
        Assert.True(data.AsSpan().SequenceEqual(store.Data.AsSpan(0, data.Length)));
        server.AssertNoFaults();
    }

    [Fact]
    public void A_server_that_can_little_is_asked_for_little()
    {
        var store = new RawStore(1 << 20);
        using RawServer server = RawServer.Honest(Folder, "a", new RawExport(1 << 20) { Flags = NbdWire.HasFlags, StructuredReplies = false }, store);
        NbdPath path = Rig.Add(Addresses.Of(server));

        Assert.Equal(BlockStatus.Ok, Rig.Write(0, Data.Filled(512, 1), BioFlags.Fua));
        Assert.Equal(BlockStatus.Ok, NbdRig.Await(Rig.Disk.FlushAsync()));
        Assert.Equal(BlockStatus.NotSupported, NbdRig.Await(Rig.Disk.DiscardAsync(0, 4096)));

        Assert.False(path.CanMultiConn);
        Assert.Equal(QueueFeatures.None, path.Limits.Features & (QueueFeatures.WriteCache | QueueFeatures.Fua));
        server.AssertNoFaults();
    }

    [Fact]
    public void A_size_that_is_no_multiple_of_a_block_loses_its_rest()
    {
        using RawServer server = RawServer.Honest(Folder, "a", new RawExport((1 << 20) + 700) { BlockSizes = null }, new RawStore((1 << 20) + 700));

        Assert.Equal(2049, Rig.Add(Addresses.Of(server)).CapacitySectors);
    }

    [ToolFact("nbdkit")]
    public void A_path_of_another_size_is_not_used()
    {
        using NbdkitServer one = NbdkitServer.Memory(Folder, "a", "1M");
        using NbdkitServer two = NbdkitServer.Memory(Folder, "b", "2M");
        Rig.Add(Addresses.Of(one));

        Exception? refused = Record.Exception(() => Rig.Add(Addresses.Of(two)));

        // Refused or not selected: never used.
        Assert.True(refused is BlockException || Rig.Devices[1] is { IsUsable: false, HasCapacityMismatch: true }, $"{refused}");
        Assert.Equal(2048, Rig.Disk.CapacitySectors);
    }

    [ToolFact("nbdkit")]
    public void A_path_that_is_not_connected_can_join_and_is_used_once_it_is()
    {
        string image = Folder.File("image", 1 << 20);
        using NbdkitServer one = NbdkitServer.File(Folder, "a", image);
        using var two = new NbdkitServer(Folder, "b", new NbdkitOptions { Plugin = "file", Parameters = [image] });
        Rig.Add(Addresses.Of(one));

        NbdPath late = Rig.Add(Addresses.Of(two), times: Times.Quick, connect: false);

        Assert.False(Rig.Devices[1].IsUsable);
        Assert.Equal(2048, late.CapacitySectors);
        two.Start();
        Rig.AwaitUsable(1);
        one.Kill();
        Assert.Equal(BlockStatus.Ok, Rig.Write(0, Data.Filled(512, 4)));
        Assert.Equal(4, File.ReadAllBytes(image)[0]);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2p1 Debian\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")]
    [InlineData("")]
    public void What_is_no_nbd_server_is_said_to_be_none(string greeting)
    {
        using var server = new RawServer(Folder, "a", peer => peer.Send(greeting));

        BlockException exception = Assert.Throws<BlockException>(() => Rig.Add(Addresses.Of(server)));

        Assert.Contains(server.Socket, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_oldstyle_server_is_said_to_be_one()
    {
        using var server = new RawServer(Folder, "a", peer =>
        {
            peer.Send(NbdWire.Magic, NbdWire.OldMagic, 1UL << 20, (uint)NbdWire.Everything, new byte[124]);
            peer.AwaitEnd();
        });

        Assert.Contains("old style", Assert.Throws<BlockException>(() => Rig.Add(Addresses.Of(server))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_server_that_falls_silent_in_the_handshake_is_given_up(int step)
    {
        using var server = new RawServer(Folder, "a", peer =>
        {
            if (step >= 1)
            {
                peer.Greet();
            }

            if (step >= 2)
            {
                peer.ReadOption();
                peer.SendBytes(RawPeer.Bytes(NbdWire.OptionReplyMagic).AsSpan(0, 5));
            }

            peer.AwaitEnd();
        });

        BlockException exception = Assert.Throws<BlockException>(() => Rig.Add(Addresses.Of(server), options => options with { HandshakeLimit = TimeSpan.FromMilliseconds(200) }));

        Assert.Equal(Errno.ETIMEDOUT, exception.Errno);
    }

    [Fact]
    public async Task Connecting_can_be_cancelled()
    {
        using var server = new RawServer(Folder, "a", peer => peer.AwaitEnd());
        using var path = new NbdPath("a", new NbdPathOptions { Address = Addresses.Of(server) });
        using var cancellation = new CancellationTokenSource();
        Task connecting = Task.Run(() => path.Connect(cancellation.Token));
        await Eventually.TrueAsync(() => server.Connections > 0, "the connection");

        cancellation.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(Eventually.Limit));
    }
}
