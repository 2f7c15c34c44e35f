namespace LibMultipath.Ublk.Parameters;

/// <summary>The numbers of a device's two nodes; those of the disk are 0 while it is not started.</summary>
/// <param name="CharMajor">Of /dev/ublkcN.</param>
/// <param name="CharMinor">Of /dev/ublkcN.</param>
/// <param name="DiskMajor">Of /dev/ublkbN.</param>
/// <param name="DiskMinor">Of /dev/ublkbN.</param>
public sealed record UblkDeviceNumbers(int CharMajor, int CharMinor, int DiskMajor, int DiskMinor);
