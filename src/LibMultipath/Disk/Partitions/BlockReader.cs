namespace LibMultipath.Disk.Partitions;

/// <summary>
/// A disk in logical blocks, as tables count them. Reads stay inside of it: nothing that stands on the disk is an
/// address until it has been compared with the capacity, here.
/// </summary>
internal sealed class BlockReader(SectorReader read, int blockSize, long capacity, CancellationToken cancellationToken)
{
    public const int SectorSize = 512;
    public const int MaxBlockSize = 65536;

    // One buffer for all reads: a block or a run of entries is taken apart before the next is read.
    private byte[] _buffer = new byte[blockSize];

    public int BlockSize => blockSize;

    public int SectorsPerBlock => blockSize / SectorSize;

    /// <summary>The number of whole blocks.</summary>
    public long BlockCount => capacity / SectorsPerBlock;

    /// <summary>The block, valid until the next read, or null when it is not on the disk.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadBlockAsync(long block)
    {
        if (!Contains(block, 1))
        {
            return null;
        }

        return await ReadAsync(block, blockSize).ConfigureAwait(false);
    }

    /// <summary>Whether all of some blocks are on the disk; no block is nowhere.</summary>
    public bool Contains(long block, long count) =>
        block >= 0 && count > 0 && block < BlockCount && count <= BlockCount - block;

    /// <summary>Reads bytes from the start of a block that <see cref="Contains"/> all of them; valid until the next read.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(long block, int bytes)
    {
        int whole = (bytes + blockSize - 1) & -blockSize;
        if (_buffer.Length < whole)
        {
            _buffer = new byte[whole];
        }

        await read(block * SectorsPerBlock, _buffer.AsMemory(0, whole), cancellationToken).ConfigureAwait(false);
        return _buffer.AsMemory(0, bytes);
    }
}
