namespace LibMultipath.Ublk.Abi;

/// <summary>The conditions of a zone; the kernel's <c>enum blk_zone_cond</c> in one byte.</summary>
public enum blk_zone_cond : byte
{
    /// <summary>Conventional: there is no write pointer.</summary>
    BLK_ZONE_COND_NOT_WP = 0x0,

    /// <summary>Nothing written.</summary>
    BLK_ZONE_COND_EMPTY = 0x1,

    /// <summary>Opened by a write.</summary>
    BLK_ZONE_COND_IMP_OPEN = 0x2,

    /// <summary>Opened by a command.</summary>
    BLK_ZONE_COND_EXP_OPEN = 0x3,

    /// <summary>Written in part, and closed.</summary>
    BLK_ZONE_COND_CLOSED = 0x4,

    /// <summary>Read only.</summary>
    BLK_ZONE_COND_READONLY = 0xD,

    /// <summary>Full, or finished.</summary>
    BLK_ZONE_COND_FULL = 0xE,

    /// <summary>Neither read nor written.</summary>
    BLK_ZONE_COND_OFFLINE = 0xF,

    /// <summary>Open or closed, in a report from the kernel's cache; no device says so.</summary>
    BLK_ZONE_COND_ACTIVE = 0xFF,
}
