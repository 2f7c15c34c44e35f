namespace LibMultipath.Nbd.Protocol;

/// <summary>What a client asks for once it has an export (<c>NBD_CMD_*</c>).</summary>
internal enum NbdCommand : ushort
{
    /// <summary><c>NBD_CMD_READ</c>.</summary>
    Read = 0,

    /// <summary><c>NBD_CMD_WRITE</c>; the data follows.</summary>
    Write = 1,

    /// <summary>The client goes when everything is answered (<c>NBD_CMD_DISC</c>). Has no answer.</summary>
    Disconnect = 2,

    /// <summary><c>NBD_CMD_FLUSH</c>.</summary>
    Flush = 3,

    /// <summary>A discard (<c>NBD_CMD_TRIM</c>).</summary>
    Trim = 4,

    /// <summary>A hint to read ahead (<c>NBD_CMD_CACHE</c>).</summary>
    Cache = 5,

    /// <summary><c>NBD_CMD_WRITE_ZEROES</c>.</summary>
    WriteZeroes = 6,

    /// <summary><c>NBD_CMD_BLOCK_STATUS</c>.</summary>
    BlockStatus = 7,
}
