using System.Buffers.Binary;

namespace LibMultipath.Disk.Partitions;

/// <summary>One of the four entries of a boot record (<c>struct msdos_partition</c>). Start and count are in blocks.</summary>
internal readonly record struct MbrSlot(byte BootIndicator, byte Type, uint Start, uint Count)
{
    public const int Size = 16;

    public bool IsExtended => Type is 0x05 or 0x0F or 0x85;

    public bool IsBootable => BootIndicator == 0x80;

    public static MbrSlot Read(ReadOnlySpan<byte> bytes) => new(
        bytes[0],
        bytes[4],
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));
}
