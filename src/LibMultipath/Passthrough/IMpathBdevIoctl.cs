using LibMultipath.Paths;

namespace LibMultipath.Passthrough;

/// <summary>For a template whose paths take ioctls as a block device does (the proposal's <c>bdev_ioctl</c>).</summary>
public interface IMpathBdevIoctl
{
    /// <summary>
    /// Begins a command on the path that was selected for it, inside the read section: it must not block. What blocks is the
    /// step's to do.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="ioctl">The command. One that carries a persistent reservation does not come here.</param>
    IoctlStep BeginIoctl(MpathDevice path, in MpathIoctl ioctl);
}
