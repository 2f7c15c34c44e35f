namespace LibMultipath.Disk.Partitions;

/// <summary>
/// A partition, as a table on the disk describes it. It lies inside of the disk and is not empty; it may overlap others.
/// </summary>
/// <param name="Number">
/// The number by which Linux would call it, 1 to <see cref="PartitionTable.MaxPartitions"/>. Numbers have gaps; the
/// logical partitions of a master boot record start at 5.
/// </param>
/// <param name="StartSector">Where it starts, in sectors of 512 bytes.</param>
/// <param name="SectorCount">How long it is, in sectors of 512 bytes.</param>
public sealed record PartitionEntry(int Number, long StartSector, long SectorCount)
{
    /// <summary>The type byte of a partition of a master boot record; null in a GPT.</summary>
    public byte? MbrType { get; init; }

    /// <summary>The type of a GPT partition; null in a master boot record.</summary>
    public Guid? TypeGuid { get; init; }

    /// <summary>The identity of a GPT partition (<c>PARTUUID</c>); null in a master boot record.</summary>
    public Guid? UniqueGuid { get; init; }

    /// <summary>
    /// The name of a GPT partition, of at most 36 UTF-16 units, as whoever wrote the disk chose it: any character but
    /// NUL may be in it. Empty in a master boot record.
    /// </summary>
    public string Name { get; init; } = "";

    /// <summary>The attribute bits of a GPT partition; 0 in a master boot record.</summary>
    public ulong Attributes { get; init; }

    /// <summary>Whether a BIOS may boot from it: the active flag, or GPT's attribute bit 2.</summary>
    public bool IsBootable { get; init; }

    /// <summary>
    /// Whether it is an extended partition. As in Linux, it is then listed with only its first two sectors (or its first
    /// logical block, if that is longer): enough for a boot loader, too few for a file system to be put there.
    /// </summary>
    public bool IsExtended { get; init; }
}
