namespace Mpathd.Serving;

/// <summary>How data gets from the block device to the daemon.</summary>
internal enum DataMode
{
    /// <summary>The kernel copies it, request by request.</summary>
    Copy,

    /// <summary>The daemon copies it, when and where it wants to.</summary>
    UserCopy,

    /// <summary>It is not copied: paths that can use the request's own pages get those.</summary>
    ZeroCopy,

    /// <summary>The kernel copies it, and requests are fetched and ended many at a time.</summary>
    Batch,
}
