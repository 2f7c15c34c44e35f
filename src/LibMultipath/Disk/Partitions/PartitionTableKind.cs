namespace LibMultipath.Disk.Partitions;

/// <summary>What kind of partition table a disk bears.</summary>
public enum PartitionTableKind
{
    /// <summary>None that was recognised: the disk is empty, or a file system uses all of it.</summary>
    None = 0,

    /// <summary>A master boot record, with the chain of extended boot records if there is one.</summary>
    Mbr,

    /// <summary>A GUID partition table behind a protective, or hybrid, master boot record.</summary>
    Gpt,
}
