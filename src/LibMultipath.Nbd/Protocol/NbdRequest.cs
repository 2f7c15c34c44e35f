using System.Buffers.Binary;

namespace LibMultipath.Nbd.Protocol;

/// <summary>The header of a request.</summary>
/// <param name="Command">What is asked for.</param>
/// <param name="Flags">What is asked for beside it.</param>
/// <param name="Cookie">The client's number of it; the answer has it too.</param>
/// <param name="Offset">The first byte.</param>
/// <param name="Length">In bytes.</param>
internal readonly record struct NbdRequest(NbdCommand Command, NbdCommandFlags Flags, ulong Cookie, ulong Offset, uint Length)
{
    /// <summary>In bytes.</summary>
    public const int Size = 28;

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">At least <see cref="Size"/>.</param>
    /// <param name="request">The header.</param>
    /// <returns>False if there is none: the magic is another.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out NbdRequest request)
    {
        request = new NbdRequest(
            (NbdCommand)BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]),
            (NbdCommandFlags)BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[24..]));
        return BinaryPrimitives.ReadUInt32BigEndian(bytes) == NbdMagic.Request;
    }

    /// <summary>Writes the header.</summary>
    /// <param name="bytes">At least <see cref="Size"/>.</param>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, NbdMagic.Request);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], (ushort)Flags);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)Command);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Cookie);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], Offset);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[24..], Length);
    }
}
