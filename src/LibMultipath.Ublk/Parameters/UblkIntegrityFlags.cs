namespace LibMultipath.Ublk.Parameters;

/// <summary>What a device can do with its metadata: the kernel's LBMD_PI_CAP bits.</summary>
[Flags]
public enum UblkIntegrityFlags : uint
{
    /// <summary>It keeps the metadata.</summary>
    None = 0,

    /// <summary>It checks it as well.</summary>
    Integrity = 1 << 0,

    /// <summary>The tuple has a reference tag; only with a checksum.</summary>
    ReferenceTag = 1 << 1,
}
