namespace LibMultipath.Paths;

/// <summary>How much I/O there was, by kind.</summary>
/// <param name="Reads">Reads.</param>
/// <param name="ReadBytes">Bytes of those.</param>
/// <param name="Writes">Writes.</param>
/// <param name="WriteBytes">Bytes of those.</param>
/// <param name="Others">Flushes, discards, write zeroes and the like.</param>
/// <param name="OtherBytes">Bytes that those covered.</param>
public readonly record struct IoStatistics(long Reads, long ReadBytes, long Writes, long WriteBytes, long Others, long OtherBytes)
{
    /// <summary>I/Os of every kind.</summary>
    public long Ios => Reads + Writes + Others;

    /// <summary>Bytes that were read or written.</summary>
    public long Bytes => ReadBytes + WriteBytes;
}
