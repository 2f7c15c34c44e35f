using System.Net.Sockets;

namespace LibMultipath.Nbd.Tests.Kit.Raw;

/// <summary>The server's end of a conversation, in steps that a script can leave out, repeat or get wrong.</summary>
internal sealed class RawServerPeer(Socket socket, int number) : RawPeer(socket)
{
    /// <summary>How many connections there were before.</summary>
    public int Number { get; } = number;

    /// <summary>Whether the client has asked for structured replies, and been given them.</summary>
    public bool Structured { get; private set; }

    /// <summary>The greeting; returns the client's flags.</summary>
    public uint Greet(ushort flags = NbdWire.FixedNewstyle | NbdWire.NoZeroes)
    {
        Send(NbdWire.Magic, NbdWire.OptionMagic, flags);
        return ReadU32();
    }

    public RawOption ReadOption()
    {
        Assert.Equal(NbdWire.OptionMagic, ReadU64());
        uint option = ReadU32();
        return new RawOption(option, Read((int)ReadU32()));
    }

    public void ReplyOption(uint option, uint type, byte[]? data = null) =>
        Send(NbdWire.OptionReplyMagic, option, type, (uint)(data?.Length ?? 0), data ?? []);

    /// <summary>Greets, and answers options until the client has the export.</summary>
    public void Negotiate(RawExport export)
    {
        Greet();
        while (!Answer(export, ReadOption()))
        {
        }
    }

    /// <summary>Answers an option; returns whether the client has the export now.</summary>
    public bool Answer(RawExport export, RawOption option)
    {
        switch (option.Option)
        {
            case NbdWire.OptStructuredReply when export.StructuredReplies:
                Structured = true;
                ReplyOption(option.Option, NbdWire.RepAck);
                return false;
            case NbdWire.OptList:
                ReplyOption(option.Option, NbdWire.RepServer, Bytes((uint)export.Name.Length, export.Name));
                ReplyOption(option.Option, NbdWire.RepAck);
                return false;
            case NbdWire.OptInfo or NbdWire.OptGo when option.ExportName == export.Name:
                ReplyInfo(option.Option, export);
                ReplyOption(option.Option, NbdWire.RepAck);
                return option.Option == NbdWire.OptGo;
            case NbdWire.OptInfo or NbdWire.OptGo:
                ReplyOption(option.Option, NbdWire.RepErrUnknown, Bytes("no such export"));
                return false;
            case NbdWire.OptAbort:
                ReplyOption(option.Option, NbdWire.RepAck);
                throw new EndOfStreamException("The client has aborted.");
            default:
                ReplyOption(option.Option, NbdWire.RepErrUnsup);
                return false;
        }
    }

    public void ReplyInfo(uint option, RawExport export)
    {
        ReplyOption(option, NbdWire.RepInfo, Bytes(NbdWire.InfoExport, (ulong)export.Size, export.Flags));
        if (export.BlockSizes is { } sizes)
        {
            ReplyOption(option, NbdWire.RepInfo, Bytes(NbdWire.InfoBlockSize, sizes.Minimum, sizes.Preferred, sizes.Maximum));
        }
    }

    public RawRequest ReadRequest()
    {
        Assert.Equal(NbdWire.RequestMagic, ReadU32());
        ushort flags = ReadU16(), command = ReadU16();
        ulong cookie = ReadU64(), offset = ReadU64();
        uint length = ReadU32();
        return new RawRequest(flags, command, cookie, offset, length, command == NbdWire.CmdWrite ? Read((int)length) : []);
    }

    public void ReplySimple(ulong cookie, uint error = 0, byte[]? data = null) =>
        Send(NbdWire.SimpleReplyMagic, error, cookie, data ?? []);

    public void ReplyChunk(ulong cookie, ushort flags, ushort type, byte[]? data = null) =>
        Send(NbdWire.ChunkMagic, flags, type, cookie, (uint)(data?.Length ?? 0), data ?? []);

    /// <summary>Carries a request out, and answers it as it should be.</summary>
    public void Reply(RawRequest request, RawStore store)
    {
        (uint error, byte[] data) = store.Do(request);
        if (Structured && request.Command == NbdWire.CmdRead && error == 0)
        {
            ReplyChunk(request.Cookie, NbdWire.ChunkDone, NbdWire.ChunkData, Bytes(request.Offset, data));
        }
        else
        {
            ReplySimple(request.Cookie, error, data);
        }
    }

    /// <summary>Answers requests one after the other, until the client goes.</summary>
    public void Serve(RawStore store)
    {
        while (ReadRequest() is { Command: not NbdWire.CmdDisconnect } request)
        {
            Reply(request, store);
        }
    }
}
