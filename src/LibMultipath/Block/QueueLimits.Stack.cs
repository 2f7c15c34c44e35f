namespace LibMultipath.Block;

// Stacking is the join of a semilattice: associative, commutative and idempotent, so that the limits of a head depend
// neither on the order in which its paths came nor on how often one was counted. The kernel's blk_stack_limits is not
// quite that; where it differs, the note beside the field says so. Two kinds of disagreement can come up:
//  - about what a disk likes (its offset, its optimum): the result is marked misaligned, and nothing more is said;
//  - about what a disk takes (nothing that one path takes is short enough for another): there is no head, we throw.
// Both only ever grow with another path, which is what keeps the order out of it.
public sealed partial record QueueLimits
{
    // What is needed as soon as one path needs it, and what can be promised only when each path does.
    private const QueueFeatures HeldByAny = QueueFeatures.WriteCache | QueueFeatures.Rotational | QueueFeatures.StableWrites;
    private const QueueFeatures HeldByAll = QueueFeatures.Fua | QueueFeatures.NoWait | QueueFeatures.RegisteredBuffers;

    // What is another kind of disk.
    private const QueueFeatures Agreed = QueueFeatures.Zoned;

    /// <summary>
    /// The limits of a disk whose I/O may go to either of two (<c>queue_limits_stack_bdev</c>): whatever satisfies
    /// the result satisfies both. The order and repetitions do not matter, and the result is valid.
    /// </summary>
    /// <param name="top">Valid limits.</param>
    /// <param name="bottom">Valid limits.</param>
    /// <returns>
    /// The minimum of the maxima, the maximum of the block sizes and minima, the least common multiple of the optima,
    /// the strictest alignment. An operation is supported when both support it and a common granularity exists;
    /// <see cref="QueueFeatures"/> says the same of each feature.
    /// </returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">An argument is not valid, or no read or write could satisfy both.</exception>
    public static QueueLimits Stack(QueueLimits top, QueueLimits bottom)
    {
        ArgumentNullException.ThrowIfNull(top);
        ArgumentNullException.ThrowIfNull(bottom);
        top.Validate();
        bottom.Validate();

        ThrowIfZonesDiffer(top, bottom);

        int logical = Math.Max(top.LogicalBlockSize, bottom.LogicalBlockSize);
        int physical = Math.Max(top.PhysicalBlockSize, bottom.PhysicalBlockSize);
        int block = logical / SectorSize;
        bool misaligned = !TryStackHints(top, bottom, physical, out int offset, out int optimum);

        int maxDiscard = StackSupport(top.MaxDiscardSectors, bottom.MaxDiscardSectors, block);
        int granularity = 0;
        int discardAlignment = 0;
        if (maxDiscard != 0 && !TryStackGrids((top.DiscardGranularity, top.DiscardAlignment),
            (bottom.DiscardGranularity, bottom.DiscardAlignment), out granularity, out discardAlignment))
        {
            maxDiscard = 0;
        }

        QueueLimits stacked = new()
        {
            LogicalBlockSize = logical,
            PhysicalBlockSize = physical,
            IoMin = RoundUp(Math.Max(top.IoMin, bottom.IoMin), physical),
            IoOpt = optimum,
            AlignmentOffset = offset,
            Misaligned = misaligned,
            MaxSectors = RoundDown(Math.Min(top.MaxSectors, bottom.MaxSectors), block),
            MaxSegments = Math.Min(top.MaxSegments, bottom.MaxSegments),
            MaxSegmentSize = Math.Min(top.MaxSegmentSize, bottom.MaxSegmentSize),
            DmaAlignment = Math.Max(top.DmaAlignment, bottom.DmaAlignment),
            ChunkSectors = (int)Gcd(top.ChunkSectors, bottom.ChunkSectors),
            MaxDiscardSectors = maxDiscard,
            DiscardGranularity = granularity,
            DiscardAlignment = discardAlignment,
            MaxWriteZeroesSectors = StackSupport(top.MaxWriteZeroesSectors, bottom.MaxWriteZeroesSectors, block),
            MaxSecureEraseSectors = StackSupport(top.MaxSecureEraseSectors, bottom.MaxSecureEraseSectors, block),
            MaxOpenZones = MinNotZero(top.MaxOpenZones, bottom.MaxOpenZones),
            MaxActiveZones = MinNotZero(top.MaxActiveZones, bottom.MaxActiveZones),
            MaxZoneAppendSectors = RoundDown(Math.Min(top.MaxZoneAppendSectors, bottom.MaxZoneAppendSectors), block),
            Features = ((top.Features | bottom.Features) & HeldByAny) | (top.Features & bottom.Features & (HeldByAll | Agreed)),
        };
        if (stacked.FindFault() is { } fault)
        {
            throw new ArgumentException($"No I/O satisfies both limits. Stacked, {fault.Message}", nameof(bottom));
        }

        return stacked;
    }

    /// <summary>The limits of a disk whose I/O may go to any of several; see <see cref="Stack(QueueLimits, QueueLimits)"/>.</summary>
    /// <param name="limits">Valid limits, at least one.</param>
    /// <returns>The limits, stacked.</returns>
    /// <exception cref="ArgumentNullException">One of them is null.</exception>
    /// <exception cref="ArgumentException">There are none, one is not valid, or no read or write could satisfy all.</exception>
    public static QueueLimits Stack(params ReadOnlySpan<QueueLimits> limits)
    {
        if (limits.IsEmpty)
        {
            throw new ArgumentException("There is nothing to stack.", nameof(limits));
        }

        QueueLimits stacked = limits[0];
        foreach (QueueLimits next in limits)
        {
            stacked = Stack(stacked, next);
        }

        return stacked;
    }

    /// <summary>The limits of a disk whose I/O may go to any of several; see <see cref="Stack(QueueLimits, QueueLimits)"/>.</summary>
    /// <param name="limits">Valid limits, at least one.</param>
    /// <returns>The limits, stacked.</returns>
    /// <exception cref="ArgumentNullException">The argument, or one of them, is null.</exception>
    /// <exception cref="ArgumentException">There are none, one is not valid, or no read or write could satisfy all.</exception>
    public static QueueLimits Stack(IEnumerable<QueueLimits> limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return Stack(limits.ToArray().AsSpan());
    }

    // A write that one path takes would be refused by the other.
    private static void ThrowIfZonesDiffer(QueueLimits top, QueueLimits bottom)
    {
        if (((top.Features ^ bottom.Features) & Agreed) != 0
            || ((top.Features & Agreed) != 0 && top.ChunkSectors != bottom.ChunkSectors))
        {
            throw new ArgumentException($"One disk has {Zones(top)}, the other {Zones(bottom)}: they are not one disk.", nameof(bottom));
        }

        static string Zones(QueueLimits limits) =>
            (limits.Features & Agreed) != 0 ? $"zones of {limits.ChunkSectors} sectors" : "no zones";
    }

    private static int MinNotZero(int a, int b) => a == 0 || b == 0 ? a + b : Math.Min(a, b);

    // The offset and the optimum, or false when they cannot be reconciled. Misaligned absorbs, or the next path that
    // has no opinion would seem to heal it.
    private static bool TryStackHints(QueueLimits top, QueueLimits bottom, int physical, out int offset, out int optimum)
    {
        offset = 0;
        optimum = 0;
        if (top.Misaligned || bottom.Misaligned)
        {
            return false;
        }

        // The larger physical block is a multiple of the smaller, so its offset says where both start, or they differ.
        int common = Math.Min(top.PhysicalBlockSize, bottom.PhysicalBlockSize);
        if (top.AlignmentOffset % common != bottom.AlignmentOffset % common)
        {
            return false;
        }

        long best = LcmNotZero(top.IoOpt, bottom.IoOpt);
        best = best == 0 ? 0 : LcmNotZero(best, physical);
        if (best > int.MaxValue)
        {
            return false;
        }

        offset = top.PhysicalBlockSize >= bottom.PhysicalBlockSize ? top.AlignmentOffset : bottom.AlignmentOffset;
        optimum = (int)best;
        return true;
    }

    // Each side can be freed only in whole cells of a grid: those that are whole in both form a grid too, or do not
    // exist (the kernel takes the coarser grid, and cells of the finer one straddle it).
    private static bool TryStackGrids((int Size, int Start) top, (int Size, int Start) bottom, out int size, out int start)
    {
        size = 0;
        start = 0;
        long both = LcmNotZero(top.Size, bottom.Size);
        long common = (long)top.Size * bottom.Size / both;
        if (both > int.MaxValue || (top.Start - bottom.Start) % common != 0)
        {
            return false;
        }

        // start = top.Start + k * top.Size, for the k that also makes it bottom.Start modulo bottom.Size.
        long modulus = bottom.Size / common;
        long steps = (bottom.Start - top.Start) / common % modulus * Inverse(top.Size / common % modulus, modulus) % modulus;
        steps = steps < 0 ? steps + modulus : steps;
        size = (int)both;
        start = (int)((top.Start + (steps * top.Size)) % both);
        return true;
    }

    // Of a number and a modulus without a common divisor; any answer will do modulo 1.
    private static long Inverse(long number, long modulus)
    {
        (long a, long b, long x, long y) = (number, modulus, 1, 0);
        while (b != 0)
        {
            long quotient = a / b;
            (a, b) = (b, a - (quotient * b));
            (x, y) = (y, x - (quotient * y));
        }

        return x;
    }

    // 0 is "not supported", and so is a maximum that has become shorter than a block.
    private static int StackSupport(int top, int bottom, int block)
    {
        int least = Math.Min(top, bottom);
        return least < block ? 0 : least;
    }

    private static long LcmNotZero(long a, long b) =>
        a == 0 || b == 0 ? a + b : a / Gcd(a, b) * b;

    private static long Gcd(long a, long b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }

    private static int RoundUp(int value, int powerOfTwo) => (value + (powerOfTwo - 1)) & -powerOfTwo;

    private static int RoundDown(int value, int powerOfTwo) => value & -powerOfTwo;
}
