using System.Buffers.Binary;
using System.Text;
using LibMultipath.Disk.Partitions;

namespace LibMultipath.Tests.Disk.Partitions;

/// <summary>A disk in memory, with tables written field by field, and its reads checked for what the contract promises.</summary>
internal sealed class DiskImage(int blockSize, long blockCount)
{
    public static readonly Guid LinuxData = new("0fc63daf-8483-4772-8e79-3d69d8477de4");

    public byte[] Bytes { get; init; } = new byte[blockSize * blockCount];

    public int BlockSize => blockSize;

    public long BlockCount => blockCount;

    public long CapacitySectors => Bytes.Length / 512;

    public int Reads { get; private set; }

    public Span<byte> Block(long block) => Bytes.AsSpan((int)(block * blockSize), blockSize);

    public PartitionTable Read() => Wait(PartitionTable.ReadAsync(ReadSectorsAsync, blockSize, CapacitySectors));

    public DiskImage WithSignature(long block)
    {
        Block(block)[510] = 0x55;
        Block(block)[511] = 0xAA;
        return this;
    }

    public DiskImage WithSlot(long block, int slot, byte type, uint start, uint count, byte boot = 0)
    {
        Span<byte> bytes = Block(block).Slice(446 + (slot * 16), 16);
        bytes[0] = boot;
        bytes[4] = type;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], start);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], count);
        return WithSignature(block);
    }

    /// <summary>A protective record and both copies of a table, the entries of the backup right before its header.</summary>
    public DiskImage WithGpt(int entryCount = 128, int entrySize = 128, params (ulong First, ulong Last, string Name)[] partitions)
    {
        byte[] entries = new byte[entryCount * entrySize];
        for (int i = 0; i < partitions.Length; i++)
        {
            WriteEntry(entries.AsSpan(i * entrySize, entrySize), partitions[i].First, partitions[i].Last, partitions[i].Name);
        }

        long entryBlocks = (entries.Length + blockSize - 1) / blockSize;
        WithSlot(0, 0, 0xEE, 1, (uint)Math.Min(uint.MaxValue, blockCount - 1));
        WriteCopy(entries, entryCount, entrySize, 1, blockCount - 1, 2);
        WriteCopy(entries, entryCount, entrySize, blockCount - 1, 1, blockCount - 1 - entryBlocks);
        return this;
    }

    public static void WriteEntry(Span<byte> entry, ulong first, ulong last, string name, ulong attributes = 0)
    {
        LinuxData.TryWriteBytes(entry);
        new Guid((int)first, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10).TryWriteBytes(entry[16..]);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], first);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], last);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[48..], attributes);
        Encoding.Unicode.GetBytes(name, entry[56..]);
    }

    /// <summary>Makes the checksum of a header right again after a field of it was changed.</summary>
    public void SealHeader(long block)
    {
        Span<byte> header = Block(block);
        int size = (int)Math.Min((uint)blockSize, BinaryPrimitives.ReadUInt32LittleEndian(header[12..]));
        header.Slice(16, 4).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Checksum(header[..size]));
    }

    /// <summary>Makes the checksum of the entries right again, and with it that of the header.</summary>
    public void SealEntries(long block)
    {
        Span<byte> header = Block(block);
        int bytes = BinaryPrimitives.ReadInt32LittleEndian(header[80..]) * BinaryPrimitives.ReadInt32LittleEndian(header[84..]);
        long start = BinaryPrimitives.ReadInt64LittleEndian(header[72..]) * blockSize;
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Checksum(Bytes.AsSpan((int)start, bytes)));
        SealHeader(block);
    }

    // Everything here completes at once, so there is a result to take.
    public static PartitionTable Wait(ValueTask<PartitionTable> task)
    {
        Assert.True(task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        Crc32 crc = new();
        crc.Append(bytes);
        return crc.Value;
    }

    private void WriteCopy(byte[] entries, int entryCount, int entrySize, long block, long alternate, long entriesBlock)
    {
        entries.CopyTo(Bytes, entriesBlock * blockSize);
        Span<byte> header = Block(block);
        "EFI PART"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], 0x10000);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], 92);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], block);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], alternate);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], 2);
        BinaryPrimitives.WriteInt64LittleEndian(header[48..], blockCount - 2);
        new Guid("11112222-3333-4444-5555-666677778888").TryWriteBytes(header[56..]);
        BinaryPrimitives.WriteInt64LittleEndian(header[72..], entriesBlock);
        BinaryPrimitives.WriteInt32LittleEndian(header[80..], entryCount);
        BinaryPrimitives.WriteInt32LittleEndian(header[84..], entrySize);
        SealEntries(block);
    }

    private ValueTask ReadSectorsAsync(long sector, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        Reads++;
        Assert.Equal(0, sector * 512 % blockSize);
        Assert.Equal(0, buffer.Length % blockSize);
        Assert.InRange(buffer.Length, blockSize, 65536);
        Assert.InRange(sector, 0, CapacitySectors - (buffer.Length / 512));
        Bytes.AsMemory((int)sector * 512, buffer.Length).CopyTo(buffer);
        return ValueTask.CompletedTask;
    }
}
