using System.Buffers.Binary;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using LibMultipath.Block;
using LibMultipath.Nbd.Connections;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Client;

/// <summary>What a client and a server say to each other before the first request: fixed newstyle, with TLS if wanted.</summary>
/// <param name="connection">Nothing was said on it.</param>
/// <param name="address">Which export, and whether with TLS.</param>
/// <param name="tls">Whom to trust, if with TLS.</param>
internal sealed class ClientHandshake(NbdConnection connection, NbdAddress address, NbdTls? tls)
{
    private const int GreetingSize = 18;
    private const int ExportNameReplySize = 10;
    private const int Zeroes = 124;

    private readonly OptionChannel _options = new(connection);
    private NbdHandshakeFlags _flags;
    private bool _isStructured;

    /// <summary>Says what there is to say.</summary>
    /// <returns>What the server says of the export.</returns>
    /// <exception cref="BlockException">The server refuses; its errno and message say why, and what to do.</exception>
    /// <exception cref="NbdProtocolException">It is no NBD server, or has gone.</exception>
    public async Task<NbdExportInfo> RunAsync()
    {
        await GreetAsync().ConfigureAwait(false);
        if (address.UsesTls)
        {
            await StartTlsAsync().ConfigureAwait(false);
        }

        _isStructured = await _options.AskAsync(NbdOption.StructuredReply, default).ConfigureAwait(false) is { Type: NbdOptionReply.Ack };
        return await GoAsync().ConfigureAwait(false) ?? await ExportNameAsync().ConfigureAwait(false);
    }

    private async Task GreetAsync()
    {
        byte[] greeting = new byte[GreetingSize];
        await connection.ReadAsync(greeting, "its greeting").ConfigureAwait(false);
        ulong magic = BinaryPrimitives.ReadUInt64BigEndian(greeting);
        ulong style = BinaryPrimitives.ReadUInt64BigEndian(greeting.AsSpan(8));
        if (magic != NbdMagic.Server)
        {
            throw new NbdProtocolException($"it is no NBD server: it greets with 0x{magic:x16}");
        }

        _flags = (NbdHandshakeFlags)BinaryPrimitives.ReadUInt16BigEndian(greeting.AsSpan(16));
        if (style != NbdMagic.Option || (_flags & NbdHandshakeFlags.FixedNewstyle) == 0)
        {
            throw new NbdProtocolException("it is an NBD server of the old style, which cannot be negotiated with; use a newer one");
        }

        _flags &= NbdHandshakeFlags.FixedNewstyle | NbdHandshakeFlags.NoZeroes;
        byte[] answer = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(answer, (uint)_flags);
        await connection.WriteAsync(answer).ConfigureAwait(false);
    }

    private async Task StartTlsAsync()
    {
        OptionReply reply = await _options.AskAsync(NbdOption.StartTls, default).ConfigureAwait(false);
        if (reply.Type != NbdOptionReply.Ack)
        {
            throw new BlockException(Errno.EPROTO, $"{address}: the server does no TLS ({reply}); give nbd:// instead of nbds://, or start it with TLS");
        }

        NbdTls trust = tls ?? throw new BlockException(Errno.EINVAL, $"{address}: it is to be reached with TLS, and no certificates are given (tls-certificates=DIR)");
        try
        {
            await connection.SecureAsync(async stream =>
            {
                var secure = new SslStream(stream, leaveInnerStreamOpen: true);
                await secure.AuthenticateAsClientAsync(trust.ClientOptions(address.Host)).ConfigureAwait(false);
                return secure;
            }).ConfigureAwait(false);
        }
        catch (AuthenticationException exception)
        {
            throw new BlockException(Errno.EACCES, $"{address}: TLS failed: {exception.Message} Check that ca-cert.pem has signed the server's certificate, and that it names {address.Host}", exception);
        }
    }

    /// <summary>Asks for the export; null from a server that does not know that way of asking.</summary>
    private async Task<NbdExportInfo?> GoAsync()
    {
        byte[] name = Encoding.UTF8.GetBytes(address.ExportName);
        byte[] option = new byte[4 + name.Length + 2 + 4];
        BinaryPrimitives.WriteUInt32BigEndian(option, (uint)name.Length);
        name.CopyTo(option, 4);
        BinaryPrimitives.WriteUInt16BigEndian(option.AsSpan(4 + name.Length), 2);
        BinaryPrimitives.WriteUInt16BigEndian(option.AsSpan(6 + name.Length), (ushort)NbdInfo.BlockSize);
        BinaryPrimitives.WriteUInt16BigEndian(option.AsSpan(8 + name.Length), (ushort)NbdInfo.Description);
        await _options.SendAsync(NbdOption.Go, option).ConfigureAwait(false);

        NbdExportInfo? info = null;
        for (int replies = 0; replies < NbdSizes.RepliesPerOption; replies++)
        {
            OptionReply reply = await _options.ReceiveAsync(NbdOption.Go).ConfigureAwait(false);
            switch (reply.Type)
            {
                case NbdOptionReply.Info:
                    info = ExportInfoReader.Read(reply.Data, info);
                    break;
                case NbdOptionReply.Ack:
                    return ExportInfoReader.Check(address, info, _isStructured);
                case NbdOptionReply.Unsupported:
                    return null;
                default:
                    throw await RefusedAsync(reply).ConfigureAwait(false);
            }
        }

        throw new NbdProtocolException("the server answers to one option without an end");
    }

    // The old way: the server closes the connection if there is no such export.
    private async Task<NbdExportInfo> ExportNameAsync()
    {
        await _options.SendAsync(NbdOption.ExportName, Encoding.UTF8.GetBytes(address.ExportName)).ConfigureAwait(false);
        byte[] reply = new byte[ExportNameReplySize];
        await connection.ReadAsync(reply, $"its answer to the export name '{address.ExportName}' (there may be no such export)").ConfigureAwait(false);
        if ((_flags & NbdHandshakeFlags.NoZeroes) == 0)
        {
            await connection.ReadAsync(new byte[Zeroes], "its answer to the export name").ConfigureAwait(false);
        }

        return ExportInfoReader.Check(
            address,
            new NbdExportInfo
            {
                Size = BinaryPrimitives.ReadUInt64BigEndian(reply),
                Flags = (NbdExportFlags)BinaryPrimitives.ReadUInt16BigEndian(reply.AsSpan(8)),
            },
            _isStructured);
    }

    private async Task<BlockException> RefusedAsync(OptionReply reply)
    {
        (Errno errno, string why) = reply.Type switch
        {
            NbdOptionReply.TlsRequired => (Errno.EACCES, "the server wants TLS; give nbds:// (or tls-certificates=DIR)"),
            NbdOptionReply.Unknown => (Errno.ENOENT, $"there is no export '{address.ExportName}'; {await ExportsAsync().ConfigureAwait(false)}"),
            NbdOptionReply.Policy => (Errno.EACCES, $"the server does not allow it ({reply})"),
            NbdOptionReply.Shutdown => (Errno.ENODEV, "the server is ending"),
            _ when (reply.Type & NbdOptionReply.Error) != 0 => (Errno.EINVAL, $"the server refuses the export '{address.ExportName}' ({reply})"),
            _ => (Errno.EPROTO, $"the server answers to GO with {reply}"),
        };
        return new BlockException(errno, $"{address}: {why}");
    }

    private async Task<string> ExportsAsync()
    {
        const int Shown = 10;
        var names = new List<string>();
        await _options.SendAsync(NbdOption.List, default).ConfigureAwait(false);
        for (int replies = 0; replies < NbdSizes.RepliesPerOption; replies++)
        {
            OptionReply reply = await _options.ReceiveAsync(NbdOption.List).ConfigureAwait(false);
            if (reply.Type != NbdOptionReply.Server)
            {
                break;
            }

            if (names.Count < Shown && reply.Data.Length >= 4)
            {
                long length = BinaryPrimitives.ReadUInt32BigEndian(reply.Data);
                names.Add($"'{Encoding.UTF8.GetString(reply.Data.AsSpan(4, (int)Math.Min(length, reply.Data.Length - 4)))}'");
            }
        }

        return names.Count == 0 ? "the server names none" : $"the server has {string.Join(", ", names)}";
    }
}
