using LibMultipath.Ublk.Parameters;

namespace UblkNull.Zones;

/// <summary>How a disk is divided into zones.</summary>
internal sealed record ZoneLimits
{
    private const int SectorsPerMegabyte = 2048;

    /// <summary>In MiB, a power of two.</summary>
    public int ZoneSize { get; init; } = 4;

    /// <summary>How many MiB of a zone can be written; 0: all.</summary>
    public int ZoneCapacity { get; init; }

    /// <summary>How many of the first zones have no write pointer.</summary>
    public int Conventional { get; init; }

    /// <summary>How many zones may be open; 0: any number.</summary>
    public int MaxOpen { get; init; }

    /// <summary>How many zones may be open or closed; 0: any number.</summary>
    public int MaxActive { get; init; }

    public int SectorsPerZone => ZoneSize * SectorsPerMegabyte;

    public int CapacitySectors => ZoneCapacity == 0 ? SectorsPerZone : Math.Min(ZoneCapacity, ZoneSize) * SectorsPerMegabyte;

    /// <summary>The parameters of a disk, with these zones.</summary>
    public UblkParameters Apply(UblkParameters parameters) => parameters with
    {
        ChunkSectors = SectorsPerZone,
        Zoned = new UblkZoned { MaxOpenZones = MaxOpen, MaxActiveZones = MaxActive, MaxAppendSectors = parameters.MaxSectors },
    };
}
