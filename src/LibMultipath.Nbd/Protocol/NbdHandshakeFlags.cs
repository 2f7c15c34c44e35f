namespace LibMultipath.Nbd.Protocol;

/// <summary>What a server offers in its greeting, and what a client answers (<c>NBD_FLAG_FIXED_NEWSTYLE</c> and so on).</summary>
[Flags]
internal enum NbdHandshakeFlags : ushort
{
    /// <summary>Options that are not known are refused one by one (<c>NBD_FLAG_FIXED_NEWSTYLE</c>, <c>NBD_FLAG_C_FIXED_NEWSTYLE</c>).</summary>
    FixedNewstyle = 1 << 0,

    /// <summary>The 124 zeroes after <see cref="NbdOption.ExportName"/> are left out (<c>NBD_FLAG_NO_ZEROES</c>, <c>NBD_FLAG_C_NO_ZEROES</c>).</summary>
    NoZeroes = 1 << 1,
}
