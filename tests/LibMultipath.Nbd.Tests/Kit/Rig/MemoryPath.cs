using LibMultipath.Block;

namespace LibMultipath.Nbd.Tests.Kit.Rig;

/// <summary>
/// A path to memory that others may lead to as well. It carries an I/O out as it comes, unless it is told to fail as a path
/// does, or to keep what comes until it is let go.
/// </summary>
internal sealed class MemoryPath(string name, byte[] memory, QueueLimits? limits = null) : DriverDisk(name, memory.Length / 512, limits ?? DefaultLimits)
{
    private readonly Lock _lock = new();
    private readonly List<BioAttempt> _kept = [];
    private bool _keeps;
    private int _fuas;
    private int _flushes;

    public static QueueLimits DefaultLimits { get; } = new()
    {
        Features = QueueFeatures.WriteCache | QueueFeatures.Fua,
        MaxDiscardSectors = 1 << 20,
        DiscardGranularity = 512,
        MaxWriteZeroesSectors = 1 << 20,
    };

    /// <summary>Whether I/O fails as on a path that is gone.</summary>
    public bool IsUnplugged { get; set; }

    /// <summary>What every I/O ends with, if it is to fail.</summary>
    public BlockStatus Error { get; set; }

    /// <summary>Whether a read ends well though nothing was put into its memory.</summary>
    public bool FillsNothing { get; set; }

    public int Fuas => Volatile.Read(ref _fuas);

    public int Flushes => Volatile.Read(ref _flushes);

    /// <summary>How many I/Os it keeps.</summary>
    public int Kept
    {
        get
        {
            lock (_lock)
            {
                return _kept.Count;
            }
        }
    }

    /// <summary>From now on what comes is kept.</summary>
    public void Keep()
    {
        lock (_lock)
        {
            _keeps = true;
        }
    }

    /// <summary>What was kept is carried out, the last first; from now on nothing is kept.</summary>
    public void LetGo()
    {
        BioAttempt[] kept;
        lock (_lock)
        {
            _keeps = false;
            kept = [.. _kept];
            _kept.Clear();
        }

        Array.Reverse(kept);
        Array.ForEach(kept, Do);
    }

    protected override void SubmitBio(BioAttempt attempt)
    {
        lock (_lock)
        {
            if (_keeps)
            {
                _kept.Add(attempt);
                return;
            }
        }

        Do(attempt);
    }

    private void Do(BioAttempt attempt)
    {
        if (IsUnplugged)
        {
            attempt.FailPath(BlockStatus.Transport);
            return;
        }

        if (Error != BlockStatus.Ok)
        {
            attempt.End(Error);
            return;
        }

        Bio bio = attempt.Bio;
        int offset = (int)bio.Sector * 512;
        if ((bio.Flags & BioFlags.Fua) != 0)
        {
            Interlocked.Increment(ref _fuas);
        }

        switch (bio.Op)
        {
            case BioOp.Flush:
                Interlocked.Increment(ref _flushes);
                break;
            case BioOp.Read when FillsNothing:
                break;
            case BioOp.Read or BioOp.Write:
                Move(bio, offset);
                break;
            default:
                memory.AsSpan(offset, (int)bio.Size).Clear();
                break;
        }

        attempt.End(BlockStatus.Ok);
    }

    private void Move(Bio bio, int offset)
    {
        foreach (BioSegment segment in bio.Segments)
        {
            Span<byte> here = memory.AsSpan(offset, segment.Length);
            if (bio.Op == BioOp.Write)
            {
                segment.Span.CopyTo(here);
            }
            else
            {
                here.CopyTo(segment.Span);
            }

            offset += segment.Length;
        }
    }
}
