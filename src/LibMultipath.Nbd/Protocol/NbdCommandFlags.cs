namespace LibMultipath.Nbd.Protocol;

/// <summary>What is asked for beside a command (<c>NBD_CMD_FLAG_*</c>).</summary>
[Flags]
internal enum NbdCommandFlags : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It is durable when it is answered (<c>NBD_CMD_FLAG_FUA</c>).</summary>
    Fua = 1 << 0,

    /// <summary>Zeroes take their space (<c>NBD_CMD_FLAG_NO_HOLE</c>).</summary>
    NoHole = 1 << 1,

    /// <summary>The data comes in one chunk (<c>NBD_CMD_FLAG_DF</c>).</summary>
    DontFragment = 1 << 2,

    /// <summary>Zeroes only if that is faster than a write (<c>NBD_CMD_FLAG_FAST_ZERO</c>).</summary>
    FastZero = 1 << 4,
}
