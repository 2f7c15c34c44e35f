namespace LibMultipath.Disk;

/// <summary>Shows head disks to their users (<c>device_add_disk</c>, <c>del_gendisk</c>): as a block device, an export.</summary>
public interface IMpathDiskHost
{
    /// <summary>
    /// The disk is live for the first time. What it throws is reported to whoever set the path live, and the disk
    /// counts as not live: the next path that is set live tries again.
    /// </summary>
    /// <param name="disk">The disk, which takes I/O already.</param>
    void AddDisk(MpathDisk disk);

    /// <summary>The disk is not live any more. Called once for every <see cref="AddDisk"/> that returned; may block.</summary>
    /// <param name="disk">The disk.</param>
    void DeleteDisk(MpathDisk disk);
}
