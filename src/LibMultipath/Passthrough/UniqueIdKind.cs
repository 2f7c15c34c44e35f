namespace LibMultipath.Passthrough;

/// <summary>Who gives out a unique id (<c>enum blk_unique_id</c>, with its numbers).</summary>
public enum UniqueIdKind
{
    /// <summary>A vendor's own (T10 vendor id).</summary>
    T10 = 1,

    /// <summary>IEEE, EUI-64.</summary>
    Eui64 = 2,

    /// <summary>IEEE, NAA.</summary>
    Naa = 3,
}
