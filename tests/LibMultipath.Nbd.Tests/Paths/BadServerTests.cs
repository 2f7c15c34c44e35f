using LibMultipath.Block;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using LibMultipath.Paths;

namespace LibMultipath.Nbd.Tests.Paths;

/// <summary>
/// Servers that answer what makes no sense: the connection ends, the read goes to the other path, and that one does not
/// notice. And servers that answer in unusual ways that do make sense.
/// </summary>
public sealed class BadServerTests : IDisposable
{
    private const int Size = 1 << 20;

    private readonly TempFolder _folder = new();
    private readonly NbdRig _rig = new();
    private readonly RawStore _store = new(Size);
    private readonly ManualResetEventSlim _closed = new();
    private readonly RawServer _good;

    public BadServerTests()
    {
        new Random(1).NextBytes(_store.Data);
        _good = RawServer.Honest(_folder, "good", new RawExport(Size), _store);
    }

    public void Dispose()
    {
        _rig.Dispose();
        _good.Dispose();
        _folder.Dispose();
        _closed.Dispose();
    }

    [Theory]
    [InlineData("another magic")]
    [InlineData("another cookie")]
    [InlineData("another cookie in a chunk")]
    [InlineData("a simple reply to a read")]
    [InlineData("data beyond the request")]
    [InlineData("data before the request")]
    [InlineData("more data than asked for")]
    [InlineData("a hole beyond the request")]
    [InlineData("a chunk of gigabytes")]
    [InlineData("a chunk too short for its offset")]
    [InlineData("a chunk of an unknown kind")]
    [InlineData("too little data")]
    [InlineData("the end in the middle")]
    [InlineData("nothing more to say")]
    public void An_answer_that_makes_no_sense_ends_the_connection(string what)
    {
        using var bad = new RawServer(_folder, "bad", peer =>
        {
            peer.Negotiate(new RawExport(Size));
            Assert.True(peer.Structured);
            RawRequest read = peer.ReadRequest();
            if (Answer(peer, read, what))
            {
                // The rest of what the client was sending is not looked at; it is the client that closes.
                peer.AwaitEnd();
            }

            _closed.Set();
        });
        AddBoth(bad);

        Assert.Equal(_store.Data.AsSpan(4096, 8192).ToArray(), _rig.Read(8, 8192));

        Assert.True(_closed.Wait(Eventually.Limit), "The connection was not closed.");
        Assert.Equal(1, _good.Connections);
        bad.AssertNoFaults();
        _good.AssertNoFaults();
    }

    [Theory]
    [InlineData("a chunk where none was agreed")]
    [InlineData("an answer twice")]
    [InlineData("an answer to nothing")]
    public void An_answer_out_of_place_ends_the_connection(string what)
    {
        using var bad = new RawServer(_folder, "bad", peer =>
        {
            peer.Negotiate(new RawExport(Size) { StructuredReplies = false });
            RawRequest read = peer.ReadRequest();
            switch (what)
            {
                case "a chunk where none was agreed":
                    peer.ReplyChunk(read.Cookie, NbdWire.ChunkDone, NbdWire.ChunkData, RawPeer.Bytes(read.Offset, new byte[read.Length]));
                    break;
                case "an answer twice":
                    peer.Reply(read, _store);
                    peer.Reply(read, _store);
                    break;
                default:
                    peer.ReplySimple(read.Cookie + 1000);
                    break;
            }

            peer.AwaitEnd();
            _closed.Set();
        });
        AddBoth(bad);

        Assert.Equal(_store.Data.AsSpan(4096, 8192).ToArray(), _rig.Read(8, 8192));

        Assert.True(_closed.Wait(Eventually.Limit), "The connection was not closed.");
        bad.AssertNoFaults();
    }

    [Theory]
    [InlineData("in pieces, the last first")]
    [InlineData("with a hole")]
    [InlineData("done in a chunk of its own")]
    [InlineData("byte by byte")]
    public void An_answer_in_an_unusual_form_is_understood(string how)
    {
        using var odd = new RawServer(_folder, "odd", peer =>
        {
            peer.Negotiate(new RawExport(Size));
            RawRequest read = peer.ReadRequest();
            AnswerOddly(peer, read, how);
            peer.Serve(_store);
        });
        _store.Data.AsSpan(4096, 2048).Clear();
        _rig.Add(Addresses.Of(odd), times: Times.Quick);

        Assert.Equal(_store.Data.AsSpan(4096, 8192).ToArray(), _rig.Read(8, 8192));

        Assert.Equal(1, odd.Connections);
        odd.AssertNoFaults();
    }

    [Theory]
    [InlineData(NbdWire.EIo, BlockStatus.IoError)]
    [InlineData(NbdWire.ENoSpc, BlockStatus.NoSpace)]
    [InlineData(4711u, BlockStatus.Invalid)]
    [InlineData(0u, BlockStatus.IoError)]
    public void An_error_with_a_message_and_an_offset_is_the_ios_and_not_the_connections(uint error, BlockStatus status)
    {
        using var server = new RawServer(_folder, "a", peer =>
        {
            peer.Negotiate(new RawExport(Size));
            RawRequest read = peer.ReadRequest();
            peer.ReplyChunk(read.Cookie, 0, NbdWire.ChunkData, RawPeer.Bytes(read.Offset, new byte[512]));
            peer.ReplyChunk(read.Cookie, NbdWire.ChunkDone, NbdWire.ChunkErrorOffset, RawPeer.Bytes(error, (ushort)4, "what", read.Offset + 512));
            peer.Serve(_store);
        });
        _rig.Add(Addresses.Of(server), times: Times.Quick);

        Assert.Equal(status, NbdRig.Await(_rig.Disk.ReadAsync(8, new byte[8192])));

        Assert.Equal(_store.Data.AsSpan(0, 512).ToArray(), _rig.Read(0, 512));
        Assert.Equal(1, server.Connections);
        server.AssertNoFaults();
    }

    [Fact]
    public void A_connection_that_is_reset_is_made_anew()
    {
        using var server = new RawServer(peer =>
        {
            peer.Negotiate(new RawExport(Size));
            if (peer.Number == 0)
            {
                peer.ReadRequest();
                peer.Reset();
                return;
            }

            peer.Serve(_store);
        });
        _rig.Add(NbdAddress.Parse($"tcp:127.0.0.1:{server.Port}"), times: Times.Quick);

        Assert.Equal(_store.Data.AsSpan(4096, 8192).ToArray(), _rig.Read(8, 8192));

        Assert.Equal(2, server.Connections);
        server.AssertNoFaults();
    }

    [Fact]
    public async Task Answers_in_any_order_find_their_requests()
    {
        const int Depth = 64;
        using var server = new RawServer(_folder, "a", peer =>
        {
            peer.Negotiate(new RawExport(Size));
            while (true)
            {
                List<RawRequest> requests = [.. Enumerable.Range(0, Depth).Select(_ => peer.ReadRequest())];
                requests.Reverse();
                requests.ForEach(request => peer.Reply(request, _store));
            }
        });
        _rig.Add(Addresses.Of(server));

        for (int round = 0; round < 20; round++)
        {
            byte[][] buffers = [.. Enumerable.Range(0, Depth).Select(_ => new byte[1024])];
            BlockStatus[] ends = await Task.WhenAll(buffers.Select((buffer, i) => _rig.Disk.ReadAsync(i * 8, buffer).AsTask())).WaitAsync(Eventually.Limit);

            Assert.All(ends, status => Assert.Equal(BlockStatus.Ok, status));
            Assert.All(buffers.Index(), buffer => Assert.Equal(_store.Data.AsSpan(buffer.Index * 4096, 1024).ToArray(), buffer.Item));
        }

        server.AssertNoFaults();
    }

    private void AddBoth(RawServer bad)
    {
        _rig.Add(Addresses.Of(bad), options => options with { IoTimeout = TimeSpan.FromSeconds(5) }, Times.Quick with { ReconnectDelay = TimeSpan.FromSeconds(10) });
        _rig.Add(Addresses.Of(_good), times: Times.Quick, state: MpathAccessState.NonOptimized);
    }

    /// <summary>Returns whether the client is to find out by itself that the connection is of no use.</summary>
    private bool Answer(RawServerPeer peer, RawRequest read, string what)
    {
        ulong cookie = read.Cookie, offset = read.Offset;
        byte[] data = _store.Data.AsSpan((int)offset, (int)read.Length).ToArray();
        switch (what)
        {
            case "another magic":
                peer.Send(0xdeadbeefu, 0u, cookie, data);
                return true;
            case "another cookie":
                peer.ReplySimple(cookie ^ 0xffffffff00000000, NbdWire.EIo);
                return true;
            case "another cookie in a chunk":
                peer.ReplyChunk(cookie + 4096, NbdWire.ChunkDone, NbdWire.ChunkData, RawPeer.Bytes(offset, data));
                return true;
            case "a simple reply to a read":
                peer.ReplySimple(cookie, 0, data);
                return true;
            case "data beyond the request":
                peer.ReplyChunk(cookie, NbdWire.ChunkDone, NbdWire.ChunkData, RawPeer.Bytes(offset + 512, data));
                return true;
            case "data before the request":
                peer.ReplyChunk(cookie, NbdWire.ChunkDone, NbdWire.ChunkData, RawPeer.Bytes(offset - 512, data));
                return true;
            case "more data than asked for":
                peer.ReplyChunk(cookie, NbdWire.ChunkDone, NbdWire.ChunkData, RawPeer.Bytes(offset, data, data));
                return true;
            case "a hole beyond the request":
                peer.ReplyChunk(cookie, NbdWire.ChunkDone, NbdWire.ChunkHole, RawPeer.Bytes(offset, uint.MaxValue));
                return true;
            case "a chunk of gigabytes":
                peer.Send(NbdWire.ChunkMagic, NbdWire.ChunkDone, NbdWire.ChunkData, cookie, uint.MaxValue, offset, data);
                return true;
            case "a chunk too short for its offset":
                peer.ReplyChunk(cookie, NbdWire.ChunkDone, NbdWire.ChunkData, [1, 2, 3]);
                return true;
            case "a chunk of an unknown kind":
                peer.ReplyChunk(cookie, NbdWire.ChunkDone, 77, RawPeer.Bytes(offset, data));
                return true;
            case "too little data":
                peer.ReplyChunk(cookie, NbdWire.ChunkDone, NbdWire.ChunkData, RawPeer.Bytes(offset, data[..512]));
                return true;
            case "the end in the middle":
                peer.Send(NbdWire.ChunkMagic, NbdWire.ChunkDone, NbdWire.ChunkData, cookie, (uint)data.Length + 8, offset, data[..512]);
                return false;
            case "nothing more to say":
                peer.HalfClose();
                return true;
            default:
                throw new ArgumentException(what, nameof(what));
        }
    }

    private void AnswerOddly(RawServerPeer peer, RawRequest read, string how)
    {
        ulong cookie = read.Cookie, offset = read.Offset;
        byte[] data = _store.Data.AsSpan((int)offset, (int)read.Length).ToArray();
        switch (how)
        {
            case "in pieces, the last first":
                for (int at = data.Length - 512; at >= 0; at -= 512)
                {
                    peer.ReplyChunk(cookie, at == 0 ? NbdWire.ChunkDone : (ushort)0, NbdWire.ChunkData, RawPeer.Bytes(offset + (ulong)at, data[at..(at + 512)]));
                }

                break;
            case "with a hole":
                peer.ReplyChunk(cookie, 0, NbdWire.ChunkHole, RawPeer.Bytes(offset, 2048u));
                peer.ReplyChunk(cookie, NbdWire.ChunkDone, NbdWire.ChunkData, RawPeer.Bytes(offset + 2048, data[2048..]));
                break;
            case "done in a chunk of its own":
                peer.ReplyChunk(cookie, 0, NbdWire.ChunkData, RawPeer.Bytes(offset, data));
                peer.ReplyChunk(cookie, NbdWire.ChunkDone, NbdWire.ChunkNone);
                break;
            default:
                byte[] all = RawPeer.Bytes(NbdWire.ChunkMagic, NbdWire.ChunkDone, NbdWire.ChunkData, cookie, (uint)data.Length + 8, offset, data);
                Array.ForEach(all, one => peer.SendBytes([one]));
                break;
        }
    }
}
