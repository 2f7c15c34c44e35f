namespace LibMultipath.Nbd.Protocol;

/// <summary>What an export can do (the transmission flags, <c>NBD_FLAG_*</c>).</summary>
[Flags]
internal enum NbdExportFlags : ushort
{
    /// <summary>Always set (<c>NBD_FLAG_HAS_FLAGS</c>).</summary>
    HasFlags = 1 << 0,

    /// <summary>Writes are refused (<c>NBD_FLAG_READ_ONLY</c>).</summary>
    ReadOnly = 1 << 1,

    /// <summary>There is a flush (<c>NBD_FLAG_SEND_FLUSH</c>).</summary>
    SendFlush = 1 << 2,

    /// <summary>A write can bypass the cache (<c>NBD_FLAG_SEND_FUA</c>).</summary>
    SendFua = 1 << 3,

    /// <summary>It seeks (<c>NBD_FLAG_ROTATIONAL</c>).</summary>
    Rotational = 1 << 4,

    /// <summary>There is a discard (<c>NBD_FLAG_SEND_TRIM</c>).</summary>
    SendTrim = 1 << 5,

    /// <summary>There is a write of zeroes (<c>NBD_FLAG_SEND_WRITE_ZEROES</c>).</summary>
    SendWriteZeroes = 1 << 6,

    /// <summary>A read can ask for one chunk (<c>NBD_FLAG_SEND_DF</c>).</summary>
    SendDf = 1 << 7,

    /// <summary>Several connections see each other's writes, and a flush on one is a flush of all (<c>NBD_FLAG_CAN_MULTI_CONN</c>).</summary>
    CanMultiConn = 1 << 8,

    /// <summary>Zeroes can be refused where they are no faster than writes (<c>NBD_FLAG_SEND_FAST_ZERO</c>).</summary>
    SendFastZero = 1 << 11,
}
