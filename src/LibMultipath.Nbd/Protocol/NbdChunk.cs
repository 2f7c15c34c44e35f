namespace LibMultipath.Nbd.Protocol;

/// <summary>A piece of a structured reply (<c>NBD_REPLY_TYPE_*</c>). With the highest bit set it is an error.</summary>
internal enum NbdChunk : ushort
{
    /// <summary>Nothing (<c>NBD_REPLY_TYPE_NONE</c>).</summary>
    None = 0,

    /// <summary>An offset of 8 bytes and data (<c>NBD_REPLY_TYPE_OFFSET_DATA</c>).</summary>
    OffsetData = 1,

    /// <summary>An offset of 8 bytes and a length of 4: zeroes (<c>NBD_REPLY_TYPE_OFFSET_HOLE</c>).</summary>
    OffsetHole = 2,

    /// <summary>The bit of errors.</summary>
    ErrorBit = 1 << 15,

    /// <summary>An error of 4 bytes, a length of 2, a message (<c>NBD_REPLY_TYPE_ERROR</c>).</summary>
    Error = ErrorBit + 1,

    /// <summary>The same, and an offset of 8 bytes (<c>NBD_REPLY_TYPE_ERROR_OFFSET</c>).</summary>
    ErrorOffset = ErrorBit + 2,
}
