using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using LibMultipath.Nbd.Tests.Kit.Tools;

namespace LibMultipath.Nbd.Tests.Kit.Raw;

/// <summary>The client's end of a conversation, in steps that a test can leave out, repeat or get wrong.</summary>
internal sealed class RawClient : RawPeer
{
    private ulong _cookie;

    public RawClient(EndPoint server)
        : base(Connected(server))
    {
    }

    /// <summary>The size of the export, once it has one.</summary>
    public ulong Size { get; private set; }

    /// <summary>The transmission flags of the export.</summary>
    public ushort Flags { get; private set; }

    /// <summary>A client of a server, with its export.</summary>
    public static RawClient Of(EndPoint server, string export = "", bool structured = true, TlsFolder? tls = null)
    {
        var client = new RawClient(server);
        client.Greet();
        if (tls is not null)
        {
            client.StartTls(tls);
        }

        if (structured)
        {
            Assert.Equal(NbdWire.RepAck, client.Ask(NbdWire.OptStructuredReply).Type);
        }

        client.Go(export);
        return client;
    }

    /// <summary>Reads the greeting, and answers it.</summary>
    public ushort Greet(uint flags = NbdWire.FixedNewstyle | NbdWire.NoZeroes)
    {
        Assert.Equal(NbdWire.Magic, ReadU64());
        Assert.Equal(NbdWire.OptionMagic, ReadU64());
        ushort server = ReadU16();
        Send(flags);
        return server;
    }

    public void SendOption(uint option, byte[]? data = null) =>
        Send(NbdWire.OptionMagic, option, (uint)(data?.Length ?? 0), data ?? []);

    public (uint Type, byte[] Data) ReadOptionReply(uint option)
    {
        Assert.Equal(NbdWire.OptionReplyMagic, ReadU64());
        Assert.Equal(option, ReadU32());
        uint type = ReadU32();
        return (type, Read((int)ReadU32()));
    }

    /// <summary>Sends an option; returns the reply, which is one.</summary>
    public (uint Type, byte[] Data) Ask(uint option, byte[]? data = null)
    {
        SendOption(option, data);
        return ReadOptionReply(option);
    }

    /// <summary>Goes on with TLS. The server is one that the folder's authority knows.</summary>
    public void StartTls(TlsFolder folder)
    {
        Assert.Equal(NbdWire.RepAck, Ask(NbdWire.OptStartTls).Type);
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(folder["ca-cert.pem"]);
        var secure = new SslStream(new NetworkStream(Socket));
        secure.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { authority },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        });
        Secure(secure);
    }

    /// <summary>What GO and INFO send.</summary>
    public static byte[] GoData(string export, params ushort[] wanted) =>
        Bytes([(uint)export.Length, export, (ushort)wanted.Length, .. wanted.Cast<object>()]);

    /// <summary>Goes on to the export; returns what ended that: an acknowledgement or an error.</summary>
    public uint TryGo(string export, params ushort[] wanted)
    {
        SendOption(NbdWire.OptGo, GoData(export, wanted));
        while (true)
        {
            (uint type, byte[] data) = ReadOptionReply(NbdWire.OptGo);
            if (type != NbdWire.RepInfo)
            {
                return type;
            }

            if (data is [0, 0, ..])
            {
                Size = BinaryPrimitives.ReadUInt64BigEndian(data.AsSpan(2));
                Flags = BinaryPrimitives.ReadUInt16BigEndian(data.AsSpan(10));
            }
        }
    }

    public void Go(string export = "") => Assert.Equal(NbdWire.RepAck, TryGo(export));

    /// <summary>Sends a request; returns its cookie.</summary>
    public ulong SendRequest(ushort command, ulong offset = 0, uint length = 0, byte[]? data = null, ushort flags = 0)
    {
        ulong cookie = ++_cookie;
        Send(NbdWire.RequestMagic, flags, command, cookie, offset, length, data ?? []);
        return cookie;
    }

    /// <summary>Reads one whole reply. Of a read it must be told what it is to bring.</summary>
    public RawReply ReadReply(int length = 0, ulong offset = 0)
    {
        uint magic = ReadU32();
        if (magic == NbdWire.SimpleReplyMagic)
        {
            uint error = ReadU32();
            ulong cookie = ReadU64();
            return new RawReply(cookie, error, error == 0 ? Read(length) : []);
        }

        byte[] data = [];
        uint failure = 0;
        while (true)
        {
            Assert.Equal(NbdWire.ChunkMagic, magic);
            ushort flags = ReadU16(), type = ReadU16();
            ulong cookie = ReadU64();
            byte[] chunk = Read((int)ReadU32());
            switch (type)
            {
                case NbdWire.ChunkData or NbdWire.ChunkHole:
                    Array.Resize(ref data, length);
                    int at = (int)(BinaryPrimitives.ReadUInt64BigEndian(chunk) - offset);
                    chunk.AsSpan(8, type == NbdWire.ChunkData ? chunk.Length - 8 : 0).CopyTo(data.AsSpan(at));
                    break;
                case NbdWire.ChunkError or NbdWire.ChunkErrorOffset:
                    failure = BinaryPrimitives.ReadUInt32BigEndian(chunk);
                    break;
                default:
                    Assert.Equal(NbdWire.ChunkNone, type);
                    break;
            }

            if ((flags & NbdWire.ChunkDone) != 0)
            {
                return new RawReply(cookie, failure, failure == 0 ? data : []);
            }

            magic = ReadU32();
        }
    }

    /// <summary>Sends one request, and reads its reply.</summary>
    public RawReply Do(ushort command, ulong offset = 0, uint length = 0, byte[]? data = null, ushort flags = 0)
    {
        ulong cookie = SendRequest(command, offset, length, data, flags);
        RawReply reply = ReadReply(command == NbdWire.CmdRead && length <= int.MaxValue ? (int)length : 0, offset);
        Assert.Equal(cookie, reply.Cookie);
        return reply;
    }

    public byte[] ReadAt(ulong offset, int length)
    {
        RawReply reply = Do(NbdWire.CmdRead, offset, (uint)length);
        Assert.Equal(0u, reply.Error);
        return reply.Data;
    }

    public void WriteAt(ulong offset, byte[] data) =>
        Assert.Equal(0u, Do(NbdWire.CmdWrite, offset, (uint)data.Length, data).Error);

    private static Socket Connected(EndPoint server)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(server);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
