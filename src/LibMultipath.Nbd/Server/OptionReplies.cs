using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Server;

/// <summary>Collects the answers to an option; they leave together.</summary>
internal sealed class OptionReplies
{
    private const int HeaderSize = 20;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>What there is to send.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    /// <summary>Begins anew.</summary>
    public void Clear() => _bytes.ResetWrittenCount();

    /// <summary>Adds an answer without data.</summary>
    public void Add(NbdOption option, NbdOptionReply reply) => Header(option, reply, 0);

    /// <summary>Adds an answer with a text: an error says in it what is wrong. It may quote what a client has sent, and is cut where it is too long.</summary>
    public void Add(NbdOption option, NbdOptionReply reply, string text)
    {
        byte[] bytes = NbdText.Encode(text);
        Header(option, reply, bytes.Length);
        _bytes.Write(bytes);
    }

    /// <summary>Adds the name of an export, and what it is for people.</summary>
    public void AddServer(NbdOption option, string name, string description)
    {
        int length = Encoding.UTF8.GetByteCount(name);
        Header(option, NbdOptionReply.Server, sizeof(uint) + length + Encoding.UTF8.GetByteCount(description));
        UInt32((uint)length);
        Text(name);
        Text(description);
    }

    /// <summary>Adds size and flags.</summary>
    public void AddExport(NbdOption option, ExportShape shape)
    {
        Info(option, NbdInfo.Export, sizeof(ulong) + sizeof(ushort));
        UInt64((ulong)shape.Bytes);
        UInt16((ushort)shape.Flags);
    }

    /// <summary>Adds the sizes of requests.</summary>
    public void AddBlockSize(NbdOption option, ExportShape shape)
    {
        Info(option, NbdInfo.BlockSize, 3 * sizeof(uint));
        UInt32((uint)shape.MinBlock);
        UInt32((uint)shape.PreferredBlock);
        UInt32((uint)shape.MaxPayload);
    }

    /// <summary>Adds a text about an export.</summary>
    public void AddInfo(NbdOption option, NbdInfo info, string text)
    {
        Info(option, info, Encoding.UTF8.GetByteCount(text));
        Text(text);
    }

    /// <summary>Adds the answer to <see cref="NbdOption.ExportName"/>, which has no header.</summary>
    public void AddBare(ExportShape shape, bool zeroes)
    {
        const int Zeroes = 124;
        UInt64((ulong)shape.Bytes);
        UInt16((ushort)shape.Flags);
        if (zeroes)
        {
            _bytes.GetSpan(Zeroes)[..Zeroes].Clear();
            _bytes.Advance(Zeroes);
        }
    }

    private void Info(NbdOption option, NbdInfo info, int length)
    {
        Header(option, NbdOptionReply.Info, sizeof(ushort) + length);
        UInt16((ushort)info);
    }

    private void Header(NbdOption option, NbdOptionReply reply, int length)
    {
        Span<byte> header = _bytes.GetSpan(HeaderSize);
        BinaryPrimitives.WriteUInt64BigEndian(header, NbdMagic.OptionReply);
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], (uint)option);
        BinaryPrimitives.WriteUInt32BigEndian(header[12..], (uint)reply);
        BinaryPrimitives.WriteUInt32BigEndian(header[16..], (uint)length);
        _bytes.Advance(HeaderSize);
    }

    private void Text(string text) => Encoding.UTF8.GetBytes(text, _bytes);

    private void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_bytes.GetSpan(sizeof(ushort)), value);
        _bytes.Advance(sizeof(ushort));
    }

    private void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_bytes.GetSpan(sizeof(uint)), value);
        _bytes.Advance(sizeof(uint));
    }

    private void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_bytes.GetSpan(sizeof(ulong)), value);
        _bytes.Advance(sizeof(ulong));
    }
}
