namespace Mpathd.Engine;

/// <summary>Where the I/O goes and which way, as fio names it.</summary>
internal enum AccessPattern
{
    /// <summary>Reads, one block after the other.</summary>
    Read,

    /// <summary>Writes, one block after the other.</summary>
    Write,

    /// <summary>Reads anywhere.</summary>
    RandRead,

    /// <summary>Writes anywhere.</summary>
    RandWrite,

    /// <summary>Reads and writes anywhere, half and half.</summary>
    RandRw,
}
