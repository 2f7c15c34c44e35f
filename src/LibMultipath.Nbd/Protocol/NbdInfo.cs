namespace LibMultipath.Nbd.Protocol;

/// <summary>What can be told of an export (<c>NBD_INFO_*</c>).</summary>
internal enum NbdInfo : ushort
{
    /// <summary>Size and flags (<c>NBD_INFO_EXPORT</c>).</summary>
    Export = 0,

    /// <summary>Its name (<c>NBD_INFO_NAME</c>).</summary>
    Name = 1,

    /// <summary>A description for people (<c>NBD_INFO_DESCRIPTION</c>).</summary>
    Description = 2,

    /// <summary>The smallest, best and largest request (<c>NBD_INFO_BLOCK_SIZE</c>).</summary>
    BlockSize = 3,
}
