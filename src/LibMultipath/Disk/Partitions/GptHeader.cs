using System.Buffers.Binary;

namespace LibMultipath.Disk.Partitions;

/// <summary>
/// The header of a GUID partition table, checked by itself and against the disk (<c>is_gpt_valid</c>). What is here can
/// be used as it stands: the entries lie on the disk and are few enough to be read.
/// </summary>
internal sealed record GptHeader
{
    private const int MinSize = 92;
    private const int ChecksumOffset = 16;

    // The kernel knows entries of 128 bytes only. The format also has larger ones, by powers of two.
    private const int MinEntrySize = 128;
    private const int MaxEntrySize = 4096;

    // 128 entries of 128 bytes are usual. This is as much as the kernel would take (KMALLOC_MAX_SIZE).
    private const int MaxEntryBytes = 4 * 1024 * 1024;

    public required long AlternateBlock { get; init; }

    public required Guid DiskGuid { get; init; }

    public required long EntriesBlock { get; init; }

    public required int EntryCount { get; init; }

    public required int EntrySize { get; init; }

    public required uint EntriesChecksum { get; init; }

    public int EntriesBytes => EntryCount * EntrySize;

    /// <summary>The header in a block of a disk, or null when there is no sound one.</summary>
    public static GptHeader? Parse(ReadOnlySpan<byte> block, long position, BlockReader disk)
    {
        if (!block.StartsWith("EFI PART"u8))
        {
            return null;
        }

        uint size = U32(block, 12);
        if (size < MinSize || size > block.Length || Checksum(block[..(int)size]) != U32(block, ChecksumOffset)
            || U64(block, 24) != (ulong)position)
        {
            return null;
        }

        ulong firstUsable = U64(block, 40);
        ulong lastUsable = U64(block, 48);
        if (firstUsable > lastUsable || lastUsable >= (ulong)disk.BlockCount)
        {
            return null;
        }

        // Both factors are 32 bits, so their product cannot wrap.
        ulong entries = U64(block, 72);
        uint count = U32(block, 80);
        uint entrySize = U32(block, 84);
        ulong bytes = (ulong)count * entrySize;
        if (entrySize is < MinEntrySize or > MaxEntrySize || !uint.IsPow2(entrySize) || bytes is 0 or > MaxEntryBytes
            || entries is 0 or > long.MaxValue
            || !disk.Contains((long)entries, ((long)bytes + disk.BlockSize - 1) / disk.BlockSize))
        {
            return null;
        }

        ulong alternate = U64(block, 32);
        return new GptHeader
        {
            AlternateBlock = alternate > long.MaxValue ? -1 : (long)alternate,
            DiskGuid = new Guid(block.Slice(56, 16)),
            EntriesBlock = (long)entries,
            EntryCount = (int)count,
            EntrySize = (int)entrySize,
            EntriesChecksum = U32(block, 88),
        };
    }

    // The header's checksum is taken with the field that holds it as zeroes.
    private static uint Checksum(ReadOnlySpan<byte> header)
    {
        Crc32 crc = new();
        crc.Append(header[..ChecksumOffset]);
        crc.Append([0, 0, 0, 0]);
        crc.Append(header[(ChecksumOffset + 4)..]);
        return crc.Value;
    }

    private static uint U32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
}
