using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Nbd.Protocol;
using LibMultipath.Nbd.Tests.Kit.Raw;
using Xunit.Abstractions;

namespace LibMultipath.Nbd.Tests.Protocol;

/// <summary>The headers on the wire, against bytes that are put together without the library.</summary>
public sealed class WireTests(ITestOutputHelper output)
{
    [Fact]
    public void A_request_is_on_the_wire_what_the_protocol_says_and_is_read_as_it_was_written() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<(ushort Command, ushort Flags, ulong Cookie, ulong Offset, uint Length)>(),
            request =>
            {
                var header = new NbdRequest((NbdCommand)request.Command, (NbdCommandFlags)request.Flags, request.Cookie, request.Offset, request.Length);
                byte[] bytes = new byte[NbdRequest.Size];
                header.Write(bytes);

                Assert.Equal(RawPeer.Bytes(NbdWire.RequestMagic, request.Flags, request.Command, request.Cookie, request.Offset, request.Length), bytes);
                Assert.True(NbdRequest.TryRead(bytes, out NbdRequest read));
                Assert.Equal(header, read);
            }).Check(Seeds.Config(output, 500));

    [Fact]
    public void A_request_with_another_magic_is_none() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<uint>().Filter(magic => magic != NbdWire.RequestMagic),
            magic => !NbdRequest.TryRead(RawPeer.Bytes(magic, new byte[24]), out _)).Check(Seeds.Config(output));

    [Fact]
    public void A_simple_reply_is_on_the_wire_what_the_protocol_says_and_is_read_as_it_was_written() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<(uint Error, ulong Cookie)>(),
            reply =>
            {
                var header = new NbdReply { Cookie = reply.Cookie, Error = reply.Error };
                byte[] bytes = new byte[NbdReply.ChunkSize];
                int size = header.Write(bytes);

                Assert.Equal(RawPeer.Bytes(NbdWire.SimpleReplyMagic, reply.Error, reply.Cookie), bytes[..size]);
                Assert.Equal(size, NbdReply.SizeOf(NbdWire.SimpleReplyMagic));
                Assert.Equal(header, NbdReply.Read(bytes.AsSpan(0, size)));
            }).Check(Seeds.Config(output, 500));

    [Fact]
    public void A_chunk_is_on_the_wire_what_the_protocol_says_and_is_read_as_it_was_written() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<(bool IsDone, ushort Type, ulong Cookie, uint Length)>(),
            chunk =>
            {
                var header = new NbdReply { IsStructured = true, IsDone = chunk.IsDone, Chunk = (NbdChunk)chunk.Type, Cookie = chunk.Cookie, Length = chunk.Length };
                byte[] bytes = new byte[NbdReply.ChunkSize];
                int size = header.Write(bytes);

                Assert.Equal(RawPeer.Bytes(NbdWire.ChunkMagic, (ushort)(chunk.IsDone ? 1 : 0), chunk.Type, chunk.Cookie, chunk.Length), bytes[..size]);
                Assert.Equal(size, NbdReply.SizeOf(NbdWire.ChunkMagic));
                Assert.Equal(header, NbdReply.Read(bytes.AsSpan(0, size)));
            }).Check(Seeds.Config(output, 500));

    [Fact]
    public void What_begins_with_neither_magic_is_no_reply() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<uint>().Filter(magic => magic is not (NbdWire.SimpleReplyMagic or NbdWire.ChunkMagic)),
            magic => NbdReply.SizeOf(magic) == 0).Check(Seeds.Config(output));

    [Theory]
    [InlineData("a", 4096)]
    [InlineData("\u00e9", 4096)]
    [InlineData("\u20ac", 4095)]
    [InlineData("\U0001f4be", 4096)]
    [InlineData("xx\U0001f4be", 4094)]
    public void A_text_that_is_too_long_ends_with_the_last_character_that_fits(string part, int bytes)
    {
        string text = string.Concat(Enumerable.Repeat(part, 5000));

        byte[] sent = NbdText.Encode(text);

        Assert.Equal(bytes, sent.Length);
        Assert.StartsWith(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(sent), text, StringComparison.Ordinal);
        Assert.Equal(Encoding.UTF8.GetBytes(part), NbdText.Encode(part));
    }
}
