using System.Buffers.Binary;
using LibMultipath.Nbd.Connections;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Client;

/// <summary>Options and the answers to them.</summary>
/// <param name="connection">In the handshake.</param>
internal sealed class OptionChannel(NbdConnection connection)
{
    private const int OptionHeader = 16;
    private const int ReplyHeader = 20;

    /// <summary>Sends an option, and takes its one answer.</summary>
    public async ValueTask<OptionReply> AskAsync(NbdOption option, ReadOnlyMemory<byte> data)
    {
        await SendAsync(option, data).ConfigureAwait(false);
        return await ReceiveAsync(option).ConfigureAwait(false);
    }

    /// <summary>Sends an option.</summary>
    public async ValueTask SendAsync(NbdOption option, ReadOnlyMemory<byte> data)
    {
        byte[] message = new byte[OptionHeader + data.Length];
        BinaryPrimitives.WriteUInt64BigEndian(message, NbdMagic.Option);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), (uint)option);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(12), (uint)data.Length);
        data.Span.CopyTo(message.AsSpan(OptionHeader));
        await connection.WriteAsync(message).ConfigureAwait(false);
    }

    /// <summary>Takes an answer.</summary>
    /// <exception cref="NbdProtocolException">It is none, or to another option, or longer than any can be.</exception>
    public async ValueTask<OptionReply> ReceiveAsync(NbdOption option)
    {
        byte[] header = new byte[ReplyHeader];
        await connection.ReadAsync(header, $"its answer to {option}").ConfigureAwait(false);
        ulong magic = BinaryPrimitives.ReadUInt64BigEndian(header);
        uint about = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(8));
        uint length = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(16));
        if (magic != NbdMagic.OptionReply || about != (uint)option)
        {
            throw new NbdProtocolException($"the server answers to {option} with magic 0x{magic:x16}, option {about}");
        }

        if (length > NbdSizes.Option)
        {
            throw new NbdProtocolException($"the server answers to {option} with {length} bytes; {NbdSizes.Option} are the most");
        }

        byte[] data = new byte[length];
        await connection.ReadAsync(data, $"its answer to {option}").ConfigureAwait(false);
        return new OptionReply((NbdOptionReply)BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(12)), data);
    }
}
