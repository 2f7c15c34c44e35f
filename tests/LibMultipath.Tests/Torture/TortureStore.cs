using LibMultipath.Block;

namespace LibMultipath.Tests.Torture;

/// <summary>
/// The memory that all paths reach, like one LUN. It knows which submitter a block belongs to, and sees what must never
/// be: two attempts at one block at a time, an attempt at a block that no submission covers, an older version after a newer one.
/// </summary>
internal sealed class TortureStore
{
    private readonly TortureVerdict _verdict;
    private readonly byte[] _data;
    private readonly int[] _versions;
    private readonly int[] _busy;
    private readonly int[] _covered;
    private readonly int[] _failedOnce;

    public TortureStore(TortureVerdict verdict, int submitters, int blocksEach)
    {
        _verdict = verdict;
        BlocksEach = blocksEach;
        Blocks = submitters * blocksEach;
        _data = new byte[Blocks * TortureBlock.Size];
        _versions = new int[Blocks];
        _busy = new int[Blocks];
        _covered = new int[Blocks];
        _failedOnce = new int[Blocks];
        for (int block = 0; block < Blocks; block++)
        {
            TortureBlock.Write(_data.AsSpan(block << TortureBlock.Shift, TortureBlock.Size), block, 0, WriterOf(block));
        }
    }

    public int Blocks { get; }

    public int BlocksEach { get; }

    public int WriterOf(int block) => block / BlocksEach;

    /// <summary>A submitter is about to submit an I/O to these blocks, or has seen it end.</summary>
    public void Cover(int first, int count, bool covered)
    {
        for (int block = first; block < first + count; block++)
        {
            if (covered)
            {
                _failedOnce[block] = 0;
            }

            Volatile.Write(ref _covered[block], covered ? 1 : 0);
        }
    }

    /// <summary>A path that stays as it is fails an I/O to these blocks: if every path does, the I/O may end with an error.</summary>
    public void MarkFailure(Bio bio)
    {
        for (int block = (int)bio.Sector, end = block + (int)(bio.Size >> TortureBlock.Shift); block < end; block++)
        {
            Volatile.Write(ref _failedOnce[block], 1);
        }
    }

    public bool WasMarked(int first, int count) => _failedOnce.AsSpan(first, count).Contains(1);

    /// <summary>Carries a bio out. The caller holds an attempt at it.</summary>
    public void Execute(Bio bio, byte[] scratch)
    {
        if (bio.Op == BioOp.Flush)
        {
            return;
        }

        int first = (int)bio.Sector;
        if (bio.SegmentCount == 1)
        {
            Transfer(bio.Op, first, bio.Segments[0].Span);
            return;
        }

        Span<byte> whole = scratch.AsSpan(0, (int)bio.Size);
        if (bio.Op == BioOp.Write)
        {
            Copy(bio, whole, fromBio: true);
            Transfer(bio.Op, first, whole);
        }
        else
        {
            Transfer(bio.Op, first, whole);
            Copy(bio, whole, fromBio: false);
        }
    }

    private static void Copy(Bio bio, Span<byte> whole, bool fromBio)
    {
        foreach (BioSegment segment in bio.Segments)
        {
            Span<byte> part = whole[..segment.Length];
            if (fromBio)
            {
                segment.Span.CopyTo(part);
            }
            else
            {
                part.CopyTo(segment.Span);
            }

            whole = whole[segment.Length..];
        }
    }

    private void Transfer(BioOp op, int first, Span<byte> data)
    {
        int count = data.Length >> TortureBlock.Shift;
        for (int i = 0; i < count; i++)
        {
            int block = first + i;
            Span<byte> theirs = data.Slice(i << TortureBlock.Shift, TortureBlock.Size);
            Span<byte> ours = _data.AsSpan(block << TortureBlock.Shift, TortureBlock.Size);
            if (Interlocked.Exchange(ref _busy[block], 1) != 0)
            {
                _verdict.Fail($"Two attempts at block {block} at a time ({op}).");
            }

            if (Volatile.Read(ref _covered[block]) == 0)
            {
                _verdict.Fail($"An attempt ({op}) at block {block} although no submission to it is under way.");
            }

            if (op == BioOp.Write)
            {
                Land(block, theirs, ours);
            }
            else
            {
                ours.CopyTo(theirs);
            }

            Volatile.Write(ref _busy[block], 0);
        }
    }

    private void Land(int block, Span<byte> theirs, Span<byte> ours)
    {
        if (!TortureBlock.TryRead(theirs, block, WriterOf(block), out int version))
        {
            _verdict.Fail($"A write to block {block} is not what was submitted: {TortureBlock.Describe(theirs)}.");
        }

        if (version < _versions[block])
        {
            _verdict.Fail($"Version {version} of block {block} landed after version {_versions[block]}.");
        }

        _versions[block] = version;
        theirs.CopyTo(ours);
    }
}
