namespace LibMultipath.Ublk.Parameters;

/// <summary>The limits of a zoned device; its zone size is <see cref="UblkParameters.ChunkSectors"/>.</summary>
public sealed record UblkZoned
{
    /// <summary>How many zones may be open; 0: any number.</summary>
    public int MaxOpenZones { get; init; }

    /// <summary>How many zones may be open or closed; 0: any number.</summary>
    public int MaxActiveZones { get; init; }

    /// <summary>The largest append, in sectors of 512 bytes; never 0.</summary>
    public int MaxAppendSectors { get; init; }
}
