namespace LibMultipath.Ublk.Parameters;

/// <summary>Discard and write zeroes of a device. Sectors are 512 bytes.</summary>
public sealed record UblkDiscard
{
    /// <summary>Offset of the first discardable unit, in bytes (<c>discard_alignment</c>).</summary>
    public int Alignment { get; init; }

    /// <summary>Size of the unit that can be discarded, in bytes (<c>discard_granularity</c>); never 0.</summary>
    public int Granularity { get; init; } = 4096;

    /// <summary>The largest discard, in sectors (<c>max_discard_sectors</c>); 0: none.</summary>
    public int MaxSectors { get; init; }

    /// <summary>The largest write of zeroes, in sectors (<c>max_write_zeroes_sectors</c>); 0: none.</summary>
    public int MaxWriteZeroesSectors { get; init; }

    /// <summary>Ranges of one discard (<c>max_discard_segments</c>): 1, so far.</summary>
    public int MaxSegments { get; init; } = 1;
}
