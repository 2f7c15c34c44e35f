using System.Buffers.Binary;

namespace LibMultipath.Nbd.Protocol;

/// <summary>The header of an answer: a simple reply, or a chunk of a structured one.</summary>
internal readonly record struct NbdReply
{
    /// <summary>Of a simple reply, in bytes.</summary>
    public const int SimpleSize = 16;

    /// <summary>Of a chunk, in bytes.</summary>
    public const int ChunkSize = 20;

    private const ushort DoneFlag = 1;

    /// <summary>The client's number of the request.</summary>
    public required ulong Cookie { get; init; }

    /// <summary>Whether it is a chunk.</summary>
    public bool IsStructured { get; init; }

    /// <summary>Of a simple reply: the error.</summary>
    public uint Error { get; init; }

    /// <summary>Of a chunk: whether it is the last (<c>NBD_REPLY_FLAG_DONE</c>).</summary>
    public bool IsDone { get; init; }

    /// <summary>Of a chunk: what it is.</summary>
    public NbdChunk Chunk { get; init; }

    /// <summary>Of a chunk: what follows, in bytes.</summary>
    public uint Length { get; init; }

    /// <summary>How many bytes the header has that begins so; 0 if it is none.</summary>
    /// <param name="magic">The first four bytes.</param>
    public static int SizeOf(uint magic) => magic switch
    {
        NbdMagic.SimpleReply => SimpleSize,
        NbdMagic.StructuredReply => ChunkSize,
        _ => 0,
    };

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">As many as <see cref="SizeOf"/> says.</param>
    public static NbdReply Read(ReadOnlySpan<byte> bytes) => bytes.Length == SimpleSize
        ? new NbdReply
        {
            Error = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
            Cookie = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        }
        : new NbdReply
        {
            IsStructured = true,
            IsDone = (BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]) & DoneFlag) != 0,
            Chunk = (NbdChunk)BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]),
            Cookie = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            Length = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
        };

    /// <summary>Writes the header.</summary>
    /// <param name="bytes">Room for it.</param>
    /// <returns>How long it is.</returns>
    public int Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Cookie);
        if (!IsStructured)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, NbdMagic.SimpleReply);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], Error);
            return SimpleSize;
        }

        BinaryPrimitives.WriteUInt32BigEndian(bytes, NbdMagic.StructuredReply);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], IsDone ? DoneFlag : (ushort)0);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)Chunk);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[16..], Length);
        return ChunkSize;
    }
}
