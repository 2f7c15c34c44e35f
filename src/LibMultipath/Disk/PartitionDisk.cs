using LibMultipath.Block;

namespace LibMultipath.Disk;

/// <summary>
/// A partition: a disk of its own that begins at a sector of another (<c>bd_start_sect</c>). Its limits and life are
/// those of the whole disk.
/// </summary>
public sealed class PartitionDisk : BlockDevice
{
    private readonly long _sectors;

    internal PartitionDisk(BlockDevice whole, int number, long startSector, long sectors)
        : base($"{whole.Name}p{number}", new DiskShape(sectors, whole.Limits, whole.IsReadOnly), whole.Logger)
    {
        Whole = whole;
        Number = number;
        StartSector = startSector;
        _sectors = sectors;
    }

    /// <summary>The disk that this is a part of.</summary>
    public BlockDevice Whole { get; }

    /// <summary>Its number in the partition table, from 1.</summary>
    public int Number { get; }

    /// <summary>Where it begins, in sectors of 512 bytes of the whole disk.</summary>
    public long StartSector { get; }

    /// <inheritdoc/>
    public override bool IsHeadDisk => Whole.IsHeadDisk;

    /// <summary>The length is the partition's own; the rest is the whole disk's, and changes with it.</summary>
    internal override DiskShape Shape => new(_sectors, Whole.Limits, Whole.IsReadOnly);

    // From here on the bio is the whole disk's; it is checked against that too, which may have shrunk.
    internal override void Start(Bio bio)
    {
        long sectors = bio.Size >> 9;
        if (bio.Size != 0 && (bio.Sector < 0 || sectors > _sectors || bio.Sector > _sectors - sectors))
        {
            Whole.End(bio, BlockStatus.IoError);
            return;
        }

        bio.Relocate(Whole, StartSector);
        Whole.Start(bio);
    }

    internal override void Defer(Bio bio) => Whole.Defer(bio);

    internal override void Route(Bio bio, DiskShape shape) => throw NotOwner();

    internal override void AttemptEnded(Bio bio, AttemptOutcome outcome, BlockStatus status, TimeSpan delay) => throw NotOwner();

    internal override void Resume(Bio bio) => throw NotOwner();

    // Before it is the whole disk's, a bio is with no driver.
    internal override void AbortAttempt(Bio bio)
    {
    }

    private static InvalidOperationException NotOwner() => new("A partition never owns a bio that is with a driver.");
}
