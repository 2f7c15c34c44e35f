using LibMultipath.Paths;

namespace LibMultipath.Passthrough;

/// <summary>For a template whose character device takes ioctls (the proposal's <c>cdev_ioctl</c>).</summary>
public interface IMpathCharIoctl
{
    /// <summary>Begins a command on the path that was selected for it, as <see cref="IMpathBdevIoctl.BeginIoctl"/>.</summary>
    /// <param name="path">The path.</param>
    /// <param name="ioctl">The command.</param>
    IoctlStep BeginCharIoctl(MpathDevice path, in MpathIoctl ioctl);
}
