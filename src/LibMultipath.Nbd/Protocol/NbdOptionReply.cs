namespace LibMultipath.Nbd.Protocol;

/// <summary>What a server answers to an option (<c>NBD_REP_*</c>). With the highest bit set it is an error.</summary>
internal enum NbdOptionReply : uint
{
    /// <summary>Done (<c>NBD_REP_ACK</c>).</summary>
    Ack = 1,

    /// <summary>The name of an export (<c>NBD_REP_SERVER</c>).</summary>
    Server = 2,

    /// <summary>Something of an export (<c>NBD_REP_INFO</c>).</summary>
    Info = 3,

    /// <summary>A context of block status (<c>NBD_REP_META_CONTEXT</c>).</summary>
    MetaContext = 4,

    /// <summary>The bit of errors (<c>NBD_REP_FLAG_ERROR</c>).</summary>
    Error = 0x8000_0000,

    /// <summary>The option is not known (<c>NBD_REP_ERR_UNSUP</c>).</summary>
    Unsupported = Error + 1,

    /// <summary>The option is not allowed (<c>NBD_REP_ERR_POLICY</c>).</summary>
    Policy = Error + 2,

    /// <summary>The option is malformed, or makes no sense now (<c>NBD_REP_ERR_INVALID</c>).</summary>
    Invalid = Error + 3,

    /// <summary>The server's machine cannot do it (<c>NBD_REP_ERR_PLATFORM</c>).</summary>
    Platform = Error + 4,

    /// <summary>TLS first (<c>NBD_REP_ERR_TLS_REQD</c>).</summary>
    TlsRequired = Error + 5,

    /// <summary>There is no such export (<c>NBD_REP_ERR_UNKNOWN</c>).</summary>
    Unknown = Error + 6,

    /// <summary>The server is ending (<c>NBD_REP_ERR_SHUTDOWN</c>).</summary>
    Shutdown = Error + 7,

    /// <summary>The client has to keep to block sizes, and did not ask for them (<c>NBD_REP_ERR_BLOCK_SIZE_REQD</c>).</summary>
    BlockSizeRequired = Error + 8,

    /// <summary>The option is too long (<c>NBD_REP_ERR_TOO_BIG</c>).</summary>
    TooBig = Error + 9,
}
