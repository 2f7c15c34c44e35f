using System.Diagnostics;
using System.Net.Sockets;
using LibMultipath.Block;
using LibMultipath.Nbd.Client;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using Xunit.Abstractions;

namespace LibMultipath.Nbd.Tests.Fuzz;

/// <summary>Servers that talk nonsense to paths, beside one that does not.</summary>
public sealed class MalformedServersTests(ITestOutputHelper output) : IDisposable
{
    private static readonly int s_conversations = FuzzSize.Conversations;
    private const int AtOnce = 6;
    private const int Size = 1 << 20;

    // The server's number is in the path's name, and the thread of its connection has that name.
    private const string Name = "fuzz";

    private readonly TempFolder _folder = new();
    private int _refused;
    private int _failed;
    private int _done;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ten_thousand_malformed_conversations_leave_nothing_behind_and_disturb_nobody()
    {
        int seed = Seeds.Next(output);
        using RawServer honest = RawServer.Honest(_folder, "honest", new RawExport(Size), new RawStore(Size));
        using var rig = new NbdRig();
        rig.Add(Addresses.Of(honest), times: Times.Quick);
        using var load = new VerifiedLoad(rig.Disk, seed, depth: 2);
        long start = Stopwatch.GetTimestamp();
        RawServer[] servers = [.. Enumerable.Range(0, AtOnce).Select(worker => new RawServer(_folder, $"s{worker}", _ => { }))];
        int sockets = Descriptors.Sockets;

        Parallel.For(0, AtOnce, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, worker =>
        {
            for (int i = worker; i < s_conversations; i += AtOnce)
            {
                var random = new Random(seed ^ (i * 7919));
                servers[worker].Script = peer => Talk(peer, random);
                Converse(servers[worker], random.Next());
            }
        });

        Eventually.True(() => Descriptors.Threads($"nbd-{Name}") == 0, "all connections to end");
        Eventually.True(() => Descriptors.Sockets <= sockets, $"no more than {sockets} sockets (there are {Descriptors.Sockets})");
        output.WriteLine($"{s_conversations} conversations in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s: {_refused} not connected, {_failed} I/Os failed, {_done} done; {load.Ios} I/Os of the good path.");
        await load.AssertGoodAsync();
        Assert.Equal(1, honest.Connections);
        Array.ForEach(servers, server => server.Dispose());
        Assert.True(_refused > s_conversations / 10 && _failed > s_conversations / 10 && _done > s_conversations / 10);
    }

    private void Converse(RawServer server, int seed)
    {
        var random = new Random(seed);
        using var path = new NbdPath(Name, new NbdPathOptions
        {
            Address = Addresses.Of(server),
            HandshakeLimit = TimeSpan.FromSeconds(20),
            IoTimeout = TimeSpan.FromSeconds(20),
            AbortTime = TimeSpan.FromMilliseconds(1),
        });
        try
        {
            path.Connect();
        }
        catch (BlockException)
        {
            Interlocked.Increment(ref _refused);
            return;
        }

        if (path.CapacitySectors == 0)
        {
            return;
        }

        List<Task<BlockStatus>> ios = [];
        for (int i = random.Next(1, 5); i > 0; i--)
        {
            int block = path.Limits.LogicalBlockSize;
            long sector = random.Next(8) * (long)block / 512 % path.CapacitySectors;
            byte[] buffer = new byte[block];
            ios.Add(random.Next(8) == 0 && !path.IsReadOnly ? path.WriteAsync(sector, buffer).AsTask() : path.ReadAsync(sector, buffer).AsTask());
        }

        foreach (Task<BlockStatus> io in ios)
        {
            Assert.True(io.Wait(Eventually.Limit), "An I/O does not end.");
            Interlocked.Increment(ref io.Result == BlockStatus.Ok ? ref _done : ref _failed);
        }
    }

    private static void Talk(RawServerPeer peer, Random random)
    {
        // One message of some: early ones are the handshake's.
        int left = random.Next(10);
        bool isTwisted = false;
        peer.Twist = bytes =>
        {
            if (left-- != 0)
            {
                return bytes;
            }

            isTwisted = true;
            return Mutation.Of(bytes, random);
        };
        var store = new RawStore(Size);
        var export = new RawExport(Size) { StructuredReplies = random.Next(2) == 0, BlockSizes = random.Next(2) == 0 ? null : (512, 4096, 1 << 20) };
        peer.Send(NbdWire.Magic, NbdWire.OptionMagic, (ushort)(NbdWire.FixedNewstyle | NbdWire.NoZeroes));
        if (Goes(peer, isTwisted))
        {
            peer.ReadU32();
        }

        while (Goes(peer, isTwisted) && !peer.Answer(export, peer.ReadOption()))
        {
        }

        while (Goes(peer, isTwisted) && peer.ReadRequest() is { Command: not NbdWire.CmdDisconnect } request)
        {
            peer.Reply(request, store);
        }

        if (random.Next(4) == 0)
        {
            peer.HalfClose();
            peer.AwaitEnd();
        }
    }

    // After nonsense each may wait for the other; then it is the server that goes.
    private static bool Goes(RawServerPeer peer, bool isTwisted) =>
        !isTwisted || peer.Socket.Poll(TimeSpan.FromMilliseconds(5), SelectMode.SelectRead);
}
