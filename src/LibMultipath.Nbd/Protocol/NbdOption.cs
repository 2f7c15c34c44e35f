namespace LibMultipath.Nbd.Protocol;

/// <summary>What a client can ask for in the handshake (<c>NBD_OPT_*</c>).</summary>
internal enum NbdOption : uint
{
    /// <summary>Use an export, without a chance to refuse (<c>NBD_OPT_EXPORT_NAME</c>).</summary>
    ExportName = 1,

    /// <summary>End the handshake (<c>NBD_OPT_ABORT</c>).</summary>
    Abort = 2,

    /// <summary>Name the exports (<c>NBD_OPT_LIST</c>).</summary>
    List = 3,

    /// <summary>Go on with TLS (<c>NBD_OPT_STARTTLS</c>).</summary>
    StartTls = 5,

    /// <summary>Tell of an export (<c>NBD_OPT_INFO</c>).</summary>
    Info = 6,

    /// <summary>Use an export (<c>NBD_OPT_GO</c>).</summary>
    Go = 7,

    /// <summary>Answer in chunks (<c>NBD_OPT_STRUCTURED_REPLY</c>).</summary>
    StructuredReply = 8,

    /// <summary>Name the contexts of block status (<c>NBD_OPT_LIST_META_CONTEXT</c>).</summary>
    ListMetaContext = 9,

    /// <summary>Choose contexts of block status (<c>NBD_OPT_SET_META_CONTEXT</c>).</summary>
    SetMetaContext = 10,
}
