namespace BdevDriver.Devices;

/// <summary>What a device is: across paths by its id, and for as long as it is there by its number.</summary>
/// <param name="Number">Its number, which is another's when it has gone.</param>
/// <param name="Sequence">Counts the disks that the kernel has had (<c>diskseq</c>): no other has it. 0 where the kernel does not.</param>
/// <param name="Id">Its id; null if it has none.</param>
/// <param name="Start">Where a partition begins on its disk, in sectors; 0 for a disk.</param>
internal sealed record DeviceIdentity(DeviceNumber Number, ulong Sequence, UniqueId? Id, long Start)
{
    /// <summary>Whether the other, opened later, is the same device, come back or never gone.</summary>
    public bool IsSame(DeviceIdentity other) =>
        Start == other.Start && (Id is null ? this == other : Id.Equals(other.Id));

    /// <summary>Whether the disk has another id now. One that does not say has not.</summary>
    public bool IsAnother(DeviceFolder disk, out UniqueId? id)
    {
        id = Id is null ? null : ReadId(disk);
        return id is not null && !id.Equals(Id);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Id is null ? $"device {Number}, which has no id" : Id.Text)}{(Start == 0 ? "" : $", from sector {Start}")}";

    /// <summary>Reads the id of a disk: what the kernel makes of it first, so that all paths have theirs from the same place.</summary>
    public static UniqueId? ReadId(DeviceFolder disk) =>
        UniqueId.Parse(disk.Text("wwid") ?? disk.Text("device/wwid") ?? "")
        ?? (disk.Bytes("device/vpd_pg83") is { } page ? Vpd83.Parse(page) : null);
}
