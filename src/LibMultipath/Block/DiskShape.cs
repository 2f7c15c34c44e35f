using System.Runtime.CompilerServices;

namespace LibMultipath.Block;

/// <summary>
/// What a disk checks every bio against, worked out once from its capacity and limits. Immutable: a disk that
/// changes gets another.
/// </summary>
internal sealed class DiskShape : IEquatable<DiskShape>
{
    private const int SectorShift = 9;

    private readonly long _blockMask;
    private readonly int _dataUnit;
    private readonly long _maxPlainBytes;
    private readonly int _maxPlainSegments;
    private readonly BioFlags _unusual = BioFlags.PreFlush | BioFlags.Fua;

    public DiskShape(long capacitySectors, QueueLimits limits, bool readOnly, int maxPathAppendSectors = 0)
    {
        limits.Validate();
        if (capacitySectors < 0 || capacitySectors > long.MaxValue >> SectorShift || (capacitySectors << SectorShift) % limits.LogicalBlockSize != 0)
        {
            throw new ArgumentException(
                $"The capacity is {capacitySectors} sectors; it must be from 0 to {long.MaxValue >> SectorShift}, and a multiple of the logical block of {limits.LogicalBlockSize} bytes.",
                nameof(capacitySectors));
        }

        CapacitySectors = capacitySectors;
        Limits = limits;
        IsReadOnly = readOnly;
        MaxPathAppendSectors = maxPathAppendSectors;
        _blockMask = limits.LogicalBlockSize - 1;
        _dataUnit = Math.Max(limits.LogicalBlockSize, limits.DmaAlignment + 1);
        MaxSegmentSize = limits.MaxSegmentSize & ~limits.DmaAlignment;

        // Where an address or a boundary has to be looked at, no bio is plain.
        bool plain = limits.DmaAlignment == 0 && limits.ChunkSectors == 0;
        _maxPlainBytes = plain ? Math.Min((long)limits.MaxSectors << SectorShift, limits.MaxSegmentSize) : 0;
        _maxPlainSegments = limits.MaxSegments;
        if ((limits.Features & QueueFeatures.RegisteredBuffers) == 0)
        {
            _unusual |= BioFlags.Registered;
        }
    }

    public long CapacitySectors { get; }

    public QueueLimits Limits { get; }

    public bool IsReadOnly { get; }

    /// <summary>The longest append that every path of a disk takes as it is; 0 for a disk without paths, or one that cannot.</summary>
    public int MaxPathAppendSectors { get; }

    public bool IsZoned => (Limits.Features & QueueFeatures.Zoned) != 0;

    /// <summary>Whether a bio lies in more than one zone.</summary>
    public bool CrossesZones(Bio bio) => bio.Sector % Limits.ChunkSectors > Limits.ChunkSectors - (bio.Size >> SectorShift);

    /// <summary>Whether a bio is a read or write that can go on as it is. What it refuses is looked at again, slowly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool AcceptsWhole(Bio bio)
    {
        long size = bio.Size;
        long sector = bio.Sector;
        return (ulong)(size - 1) < (ulong)_maxPlainBytes
            && (ulong)sector <= (ulong)(CapacitySectors - (size >> SectorShift))
            && size <= CapacitySectors << SectorShift
            && ((size | (sector << SectorShift)) & _blockMask) == 0
            && bio.Op <= BioOp.Write
            && (bio.Flags & _unusual) == 0
            && (uint)(bio.SegmentCount - 1) < (uint)_maxPlainSegments
            && (bio.Op == BioOp.Read || !IsReadOnly);
    }

    /// <summary>Why the disk refuses a bio; Ok if it does not.</summary>
    public BlockStatus Check(Bio bio)
    {
        BioOp op = bio.Op;
        bool movesData = op is BioOp.Read or BioOp.Write or BioOp.ZoneAppend;
        bool onlyFlushes = op == BioOp.Flush || (op == BioOp.Write && (bio.Flags & BioFlags.PreFlush) != 0 && bio.Size == 0);
        if (IsReadOnly && op != BioOp.Read && !onlyFlushes)
        {
            return BlockStatus.IoError;
        }

        if (MaxSectors(op) == 0 && !onlyFlushes)
        {
            return BlockStatus.NotSupported;
        }

        if ((bio.Flags & _unusual & BioFlags.Registered) != 0)
        {
            return BlockStatus.NotSupported;
        }

        if (op >= BioOp.ZoneOpen)
        {
            return CheckZoneManagement(bio);
        }

        if (op is not (BioOp.Write or BioOp.ZoneAppend) && (bio.Flags & (BioFlags.PreFlush | BioFlags.Fua)) != 0)
        {
            return BlockStatus.Invalid;
        }

        if (!movesData && bio.SegmentCount != 0)
        {
            return BlockStatus.Invalid;
        }

        if (onlyFlushes)
        {
            return bio.Size == 0 ? BlockStatus.Ok : BlockStatus.Invalid;
        }

        if (bio.Size == 0 || (movesData && bio.SegmentCount == 0))
        {
            return BlockStatus.Invalid;
        }

        long sectors = bio.Size >> SectorShift;
        if (bio.Sector < 0 || sectors > CapacitySectors || bio.Sector > CapacitySectors - sectors)
        {
            return BlockStatus.IoError;
        }

        if (((bio.Size | (bio.Sector << SectorShift)) & _blockMask) != 0)
        {
            return BlockStatus.Invalid;
        }

        return IsAligned(bio) && (op != BioOp.ZoneAppend || IsAppend(bio.Sector, sectors)) ? BlockStatus.Ok : BlockStatus.Invalid;
    }

    /// <summary>
    /// The steps in which an acceptable bio is carried out. Flags that the disk has no use for are taken off it, as
    /// the kernel does; the submitter gets them back.
    /// </summary>
    public BioCompound.Steps Plan(Bio bio)
    {
        bool cache = (Limits.Features & QueueFeatures.WriteCache) != 0;
        bool fua = (Limits.Features & QueueFeatures.Fua) != 0;
        if (bio.Op == BioOp.Flush)
        {
            return cache ? BioCompound.Steps.Data : BioCompound.Steps.None;
        }

        if (bio.Op >= BioOp.ZoneOpen)
        {
            return BioCompound.Steps.Data;
        }

        var steps = bio.Size == 0 ? BioCompound.Steps.None : BioCompound.Steps.Data;
        if (cache && (bio.Flags & BioFlags.PreFlush) != 0)
        {
            steps |= BioCompound.Steps.PreFlush;
        }

        bool keepFua = cache && fua;
        if (cache && !fua && (bio.Flags & BioFlags.Fua) != 0)
        {
            steps |= BioCompound.Steps.PostFlush;
        }

        bio.Flags &= ~(BioFlags.PreFlush | (keepFua ? BioFlags.None : BioFlags.Fua));
        return steps;
    }

    /// <summary>Whether an acceptable bio is too large for the disk, or lies across a boundary.</summary>
    public bool NeedsSplit(Bio bio)
    {
        if (bio.Op is BioOp.Flush or >= BioOp.ZoneOpen)
        {
            return false;
        }

        if (bio.Size > MaxBytesAt(bio.Op, bio.Sector, bio.Size) || bio.SegmentCount > Limits.MaxSegments)
        {
            return true;
        }

        foreach (ref readonly BioSegment segment in bio.Segments)
        {
            if (segment.Length > Limits.MaxSegmentSize)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many of the next bytes of an operation may go in one bio that begins at a sector.</summary>
    public long MaxBytesAt(BioOp op, long sector, long bytes)
    {
        long sectors = MaxSectors(op);
        if (Limits.ChunkSectors != 0 && (op is BioOp.Read or BioOp.Write or BioOp.ZoneAppend || (IsZoned && op == BioOp.WriteZeroes)))
        {
            sectors = Math.Min(sectors, Limits.ChunkSectors - (sector % Limits.ChunkSectors));
        }

        long granularity = Limits.DiscardGranularity >> SectorShift;
        if (op == BioOp.Discard && sectors > granularity && bytes > sectors << SectorShift)
        {
            // So that the next part begins where the device can give space back.
            sectors -= (sector + sectors - (Limits.DiscardAlignment >> SectorShift)) % granularity;
        }

        return Math.Min(bytes, sectors << SectorShift);
    }

    /// <summary>
    /// What must divide the size of every part but the last: a block, and where data moves as much as keeps the memory
    /// of the next part aligned.
    /// </summary>
    public int SplitUnit(bool movesData) => movesData ? _dataUnit : Limits.LogicalBlockSize;

    /// <summary>How long a segment is made at the most: what the next one begins with is aligned too.</summary>
    public int MaxSegmentSize { get; }

    public bool Equals(DiskShape? other) =>
        other is not null && CapacitySectors == other.CapacitySectors && IsReadOnly == other.IsReadOnly
        && MaxPathAppendSectors == other.MaxPathAppendSectors && Limits.Equals(other.Limits);

    public override bool Equals(object? obj) => Equals(obj as DiskShape);

    public override int GetHashCode() => HashCode.Combine(CapacitySectors, IsReadOnly, Limits);

    private int MaxSectors(BioOp op) => op switch
    {
        BioOp.Read or BioOp.Write => Limits.MaxSectors,
        BioOp.Discard => Limits.MaxDiscardSectors,
        BioOp.WriteZeroes => Limits.MaxWriteZeroesSectors,
        BioOp.SecureErase => Limits.MaxSecureEraseSectors,
        BioOp.ZoneAppend => Limits.MaxZoneAppendSectors,
        _ => IsZoned ? Limits.ChunkSectors : 0,
    };

    private BlockStatus CheckZoneManagement(Bio bio)
    {
        if (bio.Size != 0 || bio.SegmentCount != 0 || (bio.Flags & (BioFlags.PreFlush | BioFlags.Fua)) != 0)
        {
            return BlockStatus.Invalid;
        }

        if (bio.Sector < 0 || bio.Sector >= CapacitySectors)
        {
            return BlockStatus.IoError;
        }

        return bio.Sector % (bio.Op == BioOp.ZoneResetAll ? long.MaxValue : Limits.ChunkSectors) == 0 ? BlockStatus.Ok : BlockStatus.Invalid;
    }

    // It names its zone by the first sector.
    private bool IsAppend(long sector, long sectors) => sector % Limits.ChunkSectors == 0 && sectors <= Limits.MaxZoneAppendSectors;

    private bool IsAligned(Bio bio)
    {
        if (Limits.DmaAlignment == 0)
        {
            return true;
        }

        foreach (ref readonly BioSegment segment in bio.Segments)
        {
            if (((segment.AddressNow | segment.Length) & Limits.DmaAlignment) != 0)
            {
                return false;
            }
        }

        return true;
    }
}
