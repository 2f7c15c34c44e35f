namespace LibMultipath.Zones;

/// <summary>How a zone is written (<c>enum blk_zone_type</c>, with its numbers).</summary>
public enum ZoneType : byte
{
    /// <summary>Anywhere: it has no write pointer.</summary>
    Conventional = 1,

    /// <summary>At its write pointer only.</summary>
    SequentialWriteRequired = 2,

    /// <summary>At its write pointer, if possible.</summary>
    SequentialWritePreferred = 3,
}
