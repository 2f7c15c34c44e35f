namespace LibMultipath.Zones;

/// <summary>What becomes of a zone (<c>enum blk_zone_cond</c>, with its numbers).</summary>
public enum ZoneCondition : byte
{
    /// <summary>It has no write pointer.</summary>
    NotWritePointer = 0,

    /// <summary>Nothing is written.</summary>
    Empty = 1,

    /// <summary>Opened by a write.</summary>
    ImplicitlyOpen = 2,

    /// <summary>Opened by a command.</summary>
    ExplicitlyOpen = 3,

    /// <summary>Written in part, and closed.</summary>
    Closed = 4,

    /// <summary>Can only be read.</summary>
    ReadOnly = 0xd,

    /// <summary>Full, or finished.</summary>
    Full = 0xe,

    /// <summary>Can be neither read nor written.</summary>
    Offline = 0xf,
}
