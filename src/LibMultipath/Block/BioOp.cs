namespace LibMultipath.Block;

/// <summary>
/// What a bio asks of a disk (the kernel's <c>enum req_op</c>). As in the kernel, an operation
/// with the lowest bit set moves data towards the device or changes what it holds.
/// </summary>
public enum BioOp : byte
{
    /// <summary>Read sectors into the bio's segments (<c>REQ_OP_READ</c>).</summary>
    Read = 0,

    /// <summary>Write the bio's segments (<c>REQ_OP_WRITE</c>).</summary>
    Write = 1,

    /// <summary>Make everything that was completed before durable (<c>REQ_OP_FLUSH</c>); carries no data.</summary>
    Flush = 2,

    /// <summary>Tell the device that sectors are no longer needed (<c>REQ_OP_DISCARD</c>); carries no data.</summary>
    Discard = 3,

    /// <summary>Erase sectors beyond recovery (<c>REQ_OP_SECURE_ERASE</c>); carries no data.</summary>
    SecureErase = 5,

    /// <summary>
    /// Write at the write pointer of the zone that begins at the bio's sector (<c>REQ_OP_ZONE_APPEND</c>);
    /// <see cref="Bio.AppendedSector"/> says where that was.
    /// </summary>
    ZoneAppend = 7,

    /// <summary>Make sectors read as zeroes (<c>REQ_OP_WRITE_ZEROES</c>); carries no data.</summary>
    WriteZeroes = 9,

    /// <summary>Open the zone that begins at the bio's sector (<c>REQ_OP_ZONE_OPEN</c>); carries no data and has no size, as the others below.</summary>
    ZoneOpen = 11,

    /// <summary>Close a zone (<c>REQ_OP_ZONE_CLOSE</c>).</summary>
    ZoneClose = 13,

    /// <summary>Move a zone to full (<c>REQ_OP_ZONE_FINISH</c>).</summary>
    ZoneFinish = 15,

    /// <summary>Rewind a zone's write pointer (<c>REQ_OP_ZONE_RESET</c>).</summary>
    ZoneReset = 17,

    /// <summary>Rewind the write pointer of every zone (<c>REQ_OP_ZONE_RESET_ALL</c>).</summary>
    ZoneResetAll = 19,
}
