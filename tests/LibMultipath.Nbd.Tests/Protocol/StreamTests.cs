using LibMultipath.Block;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using Xunit.Abstractions;

namespace LibMultipath.Nbd.Tests.Protocol;

/// <summary>Both sides understand a stream however it is cut up, and answers however they are put together.</summary>
public sealed class StreamTests(ITestOutputHelper output) : IDisposable
{
    private const int Size = 1 << 20;
    private const int Depth = 16;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_path_understands_answers_in_any_pieces_and_order(bool structured)
    {
        Random random = Seeds.Random(output);
        var store = new RawStore(Size);
        random.NextBytes(store.Data);
        int seed = random.Next();
        using var server = new RawServer(_folder, "a", peer =>
        {
            var choices = new Random(seed);
            peer.Negotiate(new RawExport(Size) { StructuredReplies = structured });
            while (true)
            {
                List<RawRequest> requests = [.. Enumerable.Range(0, Depth).Select(_ => peer.ReadRequest())];
                SendInPieces(peer, Together(requests, store, structured, choices), choices);
            }
        });
        using var rig = new NbdRig();
        rig.Add(Addresses.Of(server));

        for (int round = 0; round < 100; round++)
        {
            (int Sector, byte[] Buffer)[] reads = [.. Enumerable.Range(0, Depth).Select(_ => (random.Next(1024), new byte[random.Next(1, 100) * 512]))];
            BlockStatus[] ends = await Task.WhenAll(reads.Select(read => rig.Disk.ReadAsync(read.Sector, read.Buffer).AsTask())).WaitAsync(Eventually.Limit);

            Assert.All(ends, status => Assert.Equal(BlockStatus.Ok, status));
            Assert.All(reads, read => Assert.True(store.Data.AsSpan(read.Sector * 512, read.Buffer.Length).SequenceEqual(read.Buffer)));
        }

        Assert.Equal(1, server.Connections);
        server.AssertNoFaults();
    }

    [Fact]
    public void The_export_understands_requests_in_any_pieces()
    {
        Random random = Seeds.Random(output);
        using var rig = new ExportRig(_folder, Size);
        using RawClient client = rig.Client(structured: false);
        byte[] expected = new byte[Size];

        for (int round = 0; round < 100; round++)
        {
            // Each has a part of its own: those of a round may be carried out in any order.
            var said = new List<object>();
            for (int i = 0; i < Depth; i++)
            {
                int offset = (i * Size / Depth) + (random.Next(64) * 512);
                byte[] data = Data.Random(random.Next(1, 64) * 512, random.Next());
                data.CopyTo(expected.AsSpan(offset));
                said.AddRange([NbdWire.RequestMagic, (ushort)0, NbdWire.CmdWrite, (ulong)i, (ulong)offset, (uint)data.Length, data]);
            }

            SendInPieces(client, RawPeer.Bytes([.. said]), random);
            Assert.Equal(Enumerable.Range(0, Depth).Select(i => (ulong)i), Enumerable.Range(0, Depth).Select(_ => client.ReadReply().Cookie).Order());
        }

        Assert.Equal(expected, rig.Memory);
    }

    /// <summary>The answers to all of them, mixed as the protocol allows: whole, or in chunks that take turns.</summary>
    private static byte[] Together(List<RawRequest> requests, RawStore store, bool structured, Random random)
    {
        var pieces = new List<(double Order, byte[] Bytes)>();
        foreach (RawRequest request in requests)
        {
            byte[] data = store.Do(request).Data;
            if (!structured)
            {
                pieces.Add((random.NextDouble(), RawPeer.Bytes(NbdWire.SimpleReplyMagic, 0u, request.Cookie, data)));
                continue;
            }

            for (int at = 0; at < data.Length;)
            {
                int length = Math.Min(data.Length - at, random.Next(1, 20_000));
                pieces.Add((random.NextDouble(), Chunk(request.Cookie, 0, NbdWire.ChunkData, RawPeer.Bytes(request.Offset + (ulong)at, data[at..(at + length)]))));
                at += length;
            }

            pieces.Add((1 + random.NextDouble(), Chunk(request.Cookie, NbdWire.ChunkDone, NbdWire.ChunkNone, [])));
        }

        return [.. pieces.OrderBy(piece => piece.Order).SelectMany(piece => piece.Bytes)];
    }

    private static byte[] Chunk(ulong cookie, ushort flags, ushort type, byte[] data) =>
        RawPeer.Bytes(NbdWire.ChunkMagic, flags, type, cookie, (uint)data.Length, data);

    private static void SendInPieces(RawPeer peer, byte[] bytes, Random random)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int length = Math.Min(bytes.Length - at, random.Next(3) == 0 ? random.Next(1, 40) : random.Next(1, 100_000));
            peer.SendBytes(bytes.AsSpan(at, length));
            at += length;
        }
    }
}
