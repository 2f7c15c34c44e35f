namespace LibMultipath.Ublk.Abi;

/// <summary>What a request asks for: the kernel's UBLK_IO_OP values.</summary>
public enum UblkOp : byte
{
    /// <summary>Read sectors into the buffer.</summary>
    Read = 0,

    /// <summary>Write the buffer to sectors.</summary>
    Write = 1,

    /// <summary>Make durable what was acknowledged before.</summary>
    Flush = 2,

    /// <summary>Sectors are no longer needed.</summary>
    Discard = 3,

    /// <summary>Defined by the header, and sent by no kernel.</summary>
    WriteSame = 4,

    /// <summary>Sectors read as zeroes afterwards.</summary>
    WriteZeroes = 5,

    /// <summary>Open a zone explicitly.</summary>
    ZoneOpen = 10,

    /// <summary>Close an open zone.</summary>
    ZoneClose = 11,

    /// <summary>Fill a zone up.</summary>
    ZoneFinish = 12,

    /// <summary>Write at a zone's write pointer, and tell where that was.</summary>
    ZoneAppend = 13,

    /// <summary>Empty every zone.</summary>
    ZoneResetAll = 14,

    /// <summary>Empty one zone.</summary>
    ZoneReset = 15,

    /// <summary>Fill the buffer with zone descriptors (<see cref="blk_zone"/>).</summary>
    ReportZones = 18,
}
