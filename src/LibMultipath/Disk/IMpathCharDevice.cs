namespace LibMultipath.Disk;

/// <summary>
/// For a template whose heads have a character device beside the disk (the proposal's <c>add_cdev</c> and <c>del_cdev</c>).
/// What can be done with it is in <c>LibMultipath.Passthrough</c>.
/// </summary>
public interface IMpathCharDevice
{
    /// <summary>
    /// The disk is live for the first time, and was shown to its users. What it throws is logged, and the disk then has no
    /// character device.
    /// </summary>
    /// <param name="disk">The disk.</param>
    void AddCharDevice(MpathDisk disk);

    /// <summary>The disk goes. Called once for every <see cref="AddCharDevice"/> that returned; may block.</summary>
    /// <param name="disk">The disk.</param>
    void DeleteCharDevice(MpathDisk disk);
}
