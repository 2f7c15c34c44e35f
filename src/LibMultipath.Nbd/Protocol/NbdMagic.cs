namespace LibMultipath.Nbd.Protocol;

/// <summary>The numbers with which messages begin (the NBD protocol, "Values").</summary>
internal static class NbdMagic
{
    /// <summary>What a server says first: <c>NBDMAGIC</c>.</summary>
    public const ulong Server = 0x4e42444d41474943;

    /// <summary>A newstyle server's second word, and the first of every option: <c>IHAVEOPT</c>.</summary>
    public const ulong Option = 0x49484156454f5054;

    /// <summary>An oldstyle server's second word.</summary>
    public const ulong Oldstyle = 0x0000420281861253;

    /// <summary>The answer to an option.</summary>
    public const ulong OptionReply = 0x0003e889045565a9;

    /// <summary><c>NBD_REQUEST_MAGIC</c>.</summary>
    public const uint Request = 0x25609513;

    /// <summary><c>NBD_SIMPLE_REPLY_MAGIC</c>.</summary>
    public const uint SimpleReply = 0x67446698;

    /// <summary><c>NBD_STRUCTURED_REPLY_MAGIC</c>.</summary>
    public const uint StructuredReply = 0x668e33ef;
}
