using System.Buffers.Binary;
using System.Text;

namespace LibMultipath.Disk.Partitions;

/// <summary>
/// GUID partition tables (<c>efi_partition</c>): a header in the second block and one in the last, each with its own
/// copy of the entries. A copy counts only when both its checksums agree.
/// </summary>
internal static class GptReader
{
    private const long PrimaryBlock = 1;
    private const int NameOffset = 56;
    private const int NameSize = 72;

    // GPT's "legacy BIOS bootable".
    private const ulong BootableAttribute = 1 << 2;

    // A multiple of every block size and of every entry size, so that no entry straddles two runs.
    private const int RunSize = 65536;

    /// <summary>The table, or null when no copy of it is sound.</summary>
    public static async ValueTask<PartitionTable?> ReadAsync(BlockReader disk)
    {
        GptHeader? primary = await ReadHeaderAsync(disk, PrimaryBlock).ConfigureAwait(false);
        if (await ReadEntriesAsync(disk, primary).ConfigureAwait(false) is { } partitions)
        {
            return Table(primary!, partitions, fromBackup: false);
        }

        // A primary header whose entries alone are damaged knows where its backup is, which is not the last block of a
        // disk that has grown.
        long last = disk.BlockCount - 1;
        long[] places = primary is null ? [last] : [primary.AlternateBlock, last];
        foreach (long place in places.Distinct().Where(place => place > PrimaryBlock))
        {
            GptHeader? backup = await ReadHeaderAsync(disk, place).ConfigureAwait(false);
            if (await ReadEntriesAsync(disk, backup).ConfigureAwait(false) is { } saved)
            {
                return Table(backup!, saved, fromBackup: true);
            }
        }

        return null;
    }

    private static PartitionTable Table(GptHeader header, List<PartitionEntry> partitions, bool fromBackup) =>
        new(PartitionTableKind.Gpt, partitions.AsReadOnly()) { DiskGuid = header.DiskGuid, FromBackup = fromBackup };

    private static async ValueTask<GptHeader?> ReadHeaderAsync(BlockReader disk, long position) =>
        await disk.ReadBlockAsync(position).ConfigureAwait(false) is { } block
            ? GptHeader.Parse(block.Span, position, disk)
            : null;

    // All entries count for the checksum, those beyond the last that is listed too.
    private static async ValueTask<List<PartitionEntry>?> ReadEntriesAsync(BlockReader disk, GptHeader? header)
    {
        if (header is null)
        {
            return null;
        }

        List<PartitionEntry> partitions = [];
        Crc32 crc = new();
        for (int done = 0; done < header.EntriesBytes; done += RunSize)
        {
            int bytes = Math.Min(RunSize, header.EntriesBytes - done);
            ReadOnlyMemory<byte> run = await disk.ReadAsync(header.EntriesBlock + (done / disk.BlockSize), bytes).ConfigureAwait(false);
            crc.Append(run.Span);
            for (int offset = 0; offset < bytes; offset += header.EntrySize)
            {
                int number = ((done + offset) / header.EntrySize) + 1;
                if (number <= PartitionTable.MaxPartitions && ParseEntry(run.Span.Slice(offset, header.EntrySize), number, disk) is { } entry)
                {
                    partitions.Add(entry);
                }
            }
        }

        return crc.Value == header.EntriesChecksum ? partitions : null;
    }

    private static PartitionEntry? ParseEntry(ReadOnlySpan<byte> bytes, int number, BlockReader disk)
    {
        Guid type = new(bytes[..16]);
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]);
        ulong last = BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]);
        if (type == Guid.Empty || first > last || last >= (ulong)disk.BlockCount)
        {
            return null;
        }

        ulong attributes = BinaryPrimitives.ReadUInt64LittleEndian(bytes[48..]);
        string name = Encoding.Unicode.GetString(bytes.Slice(NameOffset, NameSize));
        int end = name.IndexOf('\0', StringComparison.Ordinal);
        return new PartitionEntry(number, (long)first * disk.SectorsPerBlock, (long)(last - first + 1) * disk.SectorsPerBlock)
        {
            TypeGuid = type,
            UniqueGuid = new Guid(bytes.Slice(16, 16)),
            Name = end < 0 ? name : name[..end],
            Attributes = attributes,
            IsBootable = (attributes & BootableAttribute) != 0,
        };
    }
}
