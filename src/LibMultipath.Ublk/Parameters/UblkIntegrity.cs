namespace LibMultipath.Ublk.Parameters;

/// <summary>The metadata beside the data of a device.</summary>
public sealed record UblkIntegrity
{
    /// <summary>What the device can do with it.</summary>
    public UblkIntegrityFlags Flags { get; init; }

    /// <summary>Segments of a request's metadata; 0: no limit.</summary>
    public int MaxSegments { get; init; }

    /// <summary>Bytes of data that one tuple stands for (<c>1 &lt;&lt; interval_exp</c>): 512 up to the logical block.</summary>
    public int IntervalBytes { get; init; } = 512;

    /// <summary>Bytes of metadata of an interval, 1 to 255.</summary>
    public int MetadataSize { get; init; } = 8;

    /// <summary>Where in them the tuple begins.</summary>
    public int TupleOffset { get; init; }

    /// <summary>What kind of tuple it is.</summary>
    public UblkChecksum Checksum { get; init; }

    /// <summary>Bytes of the tuple that the user may fill.</summary>
    public int TagSize { get; init; }

    /// <summary>Bytes of metadata that go with data.</summary>
    /// <param name="bytes">Of data: whole intervals.</param>
    public long MetadataBytesOf(long bytes) => bytes / IntervalBytes * MetadataSize;

    /// <summary>Bytes of the tuple, by its checksum; 0 for an unknown one too.</summary>
    internal int TupleSize => Checksum switch
    {
        UblkChecksum.Ip or UblkChecksum.Crc16T10Dif => 8,
        UblkChecksum.Crc64Nvme => 16,
        _ => 0,
    };
}
