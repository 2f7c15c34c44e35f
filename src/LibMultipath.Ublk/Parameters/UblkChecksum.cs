namespace LibMultipath.Ublk.Parameters;

/// <summary>What protects an interval of data: the kernel's LBMD_PI_CSUM values.</summary>
public enum UblkChecksum : byte
{
    /// <summary>Nothing: the metadata is the user's own.</summary>
    None = 0,

    /// <summary>The IP checksum, in a tuple of 8 bytes.</summary>
    Ip = 1,

    /// <summary>CRC-16 of T10 DIF, in a tuple of 8 bytes.</summary>
    Crc16T10Dif = 2,

    /// <summary>CRC-64 of NVMe, in a tuple of 16 bytes.</summary>
    Crc64Nvme = 4,
}
