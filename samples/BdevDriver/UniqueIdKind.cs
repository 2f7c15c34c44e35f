namespace BdevDriver;

/// <summary>Who gave a device its id (the first three are <c>enum blk_unique_id</c>, with its numbers).</summary>
public enum UniqueIdKind
{
    /// <summary>Somebody else: the text is all there is.</summary>
    Other = 0,

    /// <summary>Its vendor, in a form of his own (T10 vendor id).</summary>
    T10 = 1,

    /// <summary>The IEEE's 64-bit ids, and what NVMe has of 16 bytes (EUI-64, NGUID).</summary>
    Eui64 = 2,

    /// <summary>The network address authorities (NAA).</summary>
    Naa = 3,

    /// <summary>Nobody: it was made up (UUID).</summary>
    Uuid = 4,
}
