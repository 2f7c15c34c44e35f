namespace LibMultipath.Ublk.Abi;

/// <summary>The kinds of zones; the kernel's <c>enum blk_zone_type</c> in one byte.</summary>
public enum blk_zone_type : byte
{
    /// <summary>No write pointer: written anywhere.</summary>
    BLK_ZONE_TYPE_CONVENTIONAL = 1,

    /// <summary>Written at the write pointer only.</summary>
    BLK_ZONE_TYPE_SEQWRITE_REQ = 2,

    /// <summary>Better written at the write pointer; the kernel no longer takes disks with such zones.</summary>
    BLK_ZONE_TYPE_SEQWRITE_PREF = 3,
}
