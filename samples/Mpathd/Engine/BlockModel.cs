using System.Runtime.InteropServices;

namespace Mpathd.Engine;

/// <summary>
/// What the blocks of one lane's region must hold: of each the version that was acknowledged last. While a write to a
/// block is in flight nothing else is, so a read has exactly one right answer. For one thread.
/// </summary>
internal sealed class BlockModel
{
    // How a block is busy: a write, or so many reads.
    private const byte Writing = byte.MaxValue;
    private const byte MostReaders = byte.MaxValue - 1;

    // A write that failed may or may not have arrived: until the next one there is no right answer.
    private const uint Unknown = 1u << 31;

    private readonly uint[] _versions;
    private readonly byte[] _busy;
    private readonly int _blockSize;
    private readonly ulong _run;
    private readonly bool _zeroed;

    /// <summary>Makes the model of a region.</summary>
    /// <param name="first">The first block.</param>
    /// <param name="count">How many blocks.</param>
    /// <param name="blockSize">In bytes.</param>
    /// <param name="run">Tells this run's blocks from another's.</param>
    /// <param name="zeroed">Whether blocks that were never written hold zeroes; otherwise nothing is known of them.</param>
    public BlockModel(long first, int count, int blockSize, ulong run, bool zeroed)
    {
        First = first;
        _blockSize = blockSize;
        _run = run;
        _zeroed = zeroed;
        _versions = new uint[count];
        _busy = new byte[count];
    }

    /// <summary>The first block of the region.</summary>
    public long First { get; }

    /// <summary>How many blocks the region has.</summary>
    public int Count => _versions.Length;

    /// <summary>Claims blocks for a read; false if one is being written.</summary>
    public bool TryBeginRead(long block, int count)
    {
        Span<byte> busy = Busy(block, count);
        if (busy.ContainsAnyInRange(MostReaders, Writing))
        {
            return false;
        }

        foreach (ref byte readers in busy)
        {
            readers++;
        }

        return true;
    }

    /// <summary>Claims blocks for a write; false if one is busy.</summary>
    public bool TryBeginWrite(long block, int count)
    {
        Span<byte> busy = Busy(block, count);
        if (busy.ContainsAnyExcept((byte)0))
        {
            return false;
        }

        busy.Fill(Writing);
        return true;
    }

    /// <summary>Fills the buffer of a claimed write with the next version of each block.</summary>
    public void Stamp(long block, int count, Span<byte> data)
    {
        for (int i = 0; i < count; i++)
        {
            uint next = (Version(block + i) & ~Unknown) + 1;
            BlockContent.Write(data.Slice(i * _blockSize, _blockSize), _run, block + i, next);
        }
    }

    /// <summary>A claimed write has ended.</summary>
    /// <param name="block">The first block.</param>
    /// <param name="count">How many.</param>
    /// <param name="acknowledged">Whether it is acknowledged; otherwise nobody knows what the blocks hold.</param>
    public void EndWrite(long block, int count, bool acknowledged)
    {
        for (int i = 0; i < count; i++)
        {
            ref uint version = ref Version(block + i);
            version = ((version & ~Unknown) + 1) | (acknowledged ? 0 : Unknown);
        }

        Busy(block, count).Clear();
    }

    /// <summary>A claimed read has ended, and what it brought was looked at.</summary>
    public void EndRead(long block, int count)
    {
        foreach (ref byte readers in Busy(block, count))
        {
            readers--;
        }
    }

    /// <summary>Whether it is known what a block must hold.</summary>
    public bool IsKnown(long block)
    {
        uint version = Version(block);
        return (version & Unknown) == 0 && (version != 0 || _zeroed);
    }

    /// <summary>Looks at one block that a claimed read brought.</summary>
    public BlockVerdict Check(long block, ReadOnlySpan<byte> data) =>
        IsKnown(block) ? BlockContent.Check(data, _run, block, Version(block)) : BlockVerdict.Good;

    /// <summary>The version that was acknowledged last; 0 if none was.</summary>
    public uint AcknowledgedVersion(long block) => Version(block) & ~Unknown;

    /// <summary>The version that a buffer says it is; only to be shown.</summary>
    public static ulong VersionIn(ReadOnlySpan<byte> data) => MemoryMarshal.Cast<byte, ulong>(data)[2];

    private ref uint Version(long block) => ref _versions[block - First];

    private Span<byte> Busy(long block, int count) => _busy.AsSpan((int)(block - First), count);
}
