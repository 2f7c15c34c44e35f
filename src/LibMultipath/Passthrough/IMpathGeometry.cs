using LibMultipath.Paths;

namespace LibMultipath.Passthrough;

/// <summary>For a template whose paths have a geometry (the proposal's <c>getgeo</c>).</summary>
public interface IMpathGeometry
{
    /// <summary>Asks a path, which stays meanwhile. It may block: disks look into their partition table for it.</summary>
    /// <returns>Null if the device has none.</returns>
    DiskGeometry? GetGeometry(MpathDevice path);
}
