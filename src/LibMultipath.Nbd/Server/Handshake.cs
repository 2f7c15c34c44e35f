using System.Buffers.Binary;
using System.Net.Security;
using LibMultipath.Nbd.Connections;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Server;

/// <summary>
/// The server's side of the fixed newstyle handshake: greets, answers options one by one, and ends with an export or
/// without. How long it takes is watched by who watches the connection.
/// </summary>
internal sealed partial class Handshake(NbdServer server, ServerConnection owner, NbdConnection connection)
{
    // An option that is longer than it may be is read and refused up to here; beyond, the peer is no client.
    private const uint MostDrained = 1024 * 1024;
    private const int OptionHeader = 16;

    private const NbdHandshakeFlags Offered = NbdHandshakeFlags.FixedNewstyle | NbdHandshakeFlags.NoZeroes;

    private readonly OptionReplies _replies = new();
    private readonly byte[] _header = new byte[OptionHeader];
    private NbdHandshakeFlags _client;
    private bool _structured;
    private bool _isOver;
    private HandshakeResult? _result;

    private bool NeedsTls => server.Options.Tls is not null && !connection.IsSecure;

    /// <summary>Comes to an agreement.</summary>
    /// <returns>Null if the client did not want an export.</returns>
    /// <exception cref="IOException">It came to none; the message says why.</exception>
    public async Task<HandshakeResult?> RunAsync()
    {
        await GreetAsync().ConfigureAwait(false);

        // Clients that list the exports ask for each of them by name.
        int most = NbdSizes.OptionsPerHandshake + (4 * server.ExportCount);
        for (int options = 0; !_isOver; options++)
        {
            if (!await connection.TryReadAsync(_header, "an option").ConfigureAwait(false))
            {
                return null;
            }

            if (options == most)
            {
                throw new NbdProtocolException($"the client has sent more than {most} options");
            }

            await OptionAsync().ConfigureAwait(false);
        }

        return _result;
    }

    private async Task GreetAsync()
    {
        BinaryPrimitives.WriteUInt64BigEndian(_header, NbdMagic.Server);
        BinaryPrimitives.WriteUInt64BigEndian(_header.AsSpan(8), NbdMagic.Option);
        await connection.WriteAsync(_header).ConfigureAwait(false);
        byte[] flags = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt16BigEndian(flags, (ushort)Offered);
        await connection.WriteAsync(flags.AsMemory(0, sizeof(ushort))).ConfigureAwait(false);
        if (!await connection.TryReadAsync(flags, "the client's flags").ConfigureAwait(false))
        {
            throw new NbdProtocolException(connection.Fault ?? "the client closed the connection without a word");
        }

        uint answered = BinaryPrimitives.ReadUInt32BigEndian(flags);
        if ((answered & ~(uint)Offered) != 0)
        {
            throw new NbdProtocolException($"the client has answered the flags 0x{answered:x}, of which only 0x{(uint)Offered:x} are known");
        }

        _client = (NbdHandshakeFlags)answered;
    }

    private async Task OptionAsync()
    {
        ulong magic = BinaryPrimitives.ReadUInt64BigEndian(_header);
        if (magic != NbdMagic.Option)
        {
            throw new NbdProtocolException($"an option begins with 0x{magic:x16}, which is none");
        }

        var option = (NbdOption)BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(8));
        uint length = BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(12));
        _replies.Clear();
        if (length > NbdSizes.Option)
        {
            await DrainAsync(option, length).ConfigureAwait(false);
            Refuse(option, NbdOptionReply.TooBig, $"it has {length} bytes, and at most {NbdSizes.Option} are read");
        }
        else
        {
            byte[] data = length == 0 ? [] : new byte[length];
            await connection.ReadAsync(data, "an option").ConfigureAwait(false);
            Answer(option, data);
        }

        try
        {
            await connection.WriteAsync(_replies.Bytes).ConfigureAwait(false);
        }
        catch (IOException) when (option == NbdOption.Abort)
        {
            // Most clients do not wait for the answer.
        }

        if (_startsTls)
        {
            _startsTls = false;
            await connection.SecureAsync(AuthenticateAsync).ConfigureAwait(false);
        }
    }

    private async Task DrainAsync(NbdOption option, uint length)
    {
        if (length > MostDrained || option == NbdOption.ExportName)
        {
            throw new NbdProtocolException($"option {(uint)option} has {length} bytes, and at most {NbdSizes.Option} are allowed");
        }

        byte[] nowhere = new byte[4096];
        for (uint left = length; left > 0;)
        {
            int part = (int)Math.Min(left, (uint)nowhere.Length);
            await connection.ReadAsync(nowhere.AsMemory(0, part), "an option").ConfigureAwait(false);
            left -= (uint)part;
        }
    }

    private async Task<SslStream> AuthenticateAsync(Stream stream)
    {
        var secure = new SslStream(stream, leaveInnerStreamOpen: true);
        try
        {
            await secure.AuthenticateAsServerAsync(server.Options.Tls!.ServerOptions()).ConfigureAwait(false);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
